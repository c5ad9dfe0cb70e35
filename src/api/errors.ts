/** The one place where a kind of error becomes an HTTP status. */
import { EngineError, type ErrorKind } from "../engine/errors.ts";
import { InvalidInput } from "../lib/invalid-input.ts";

export const STATUS_OF: Record<ErrorKind, number> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  "not-found": 404,
  conflict: 409,
  "not-modified": 304,
  "too-large": 413,
  internal: 500,
  "not-implemented": 501,
  unavailable: 503,
};

/** What a client is told of an error. `expected` is false for a fault of ours, which belongs in the log. */
export type ErrorAnswer = { status: number; message: string; expected: boolean };

/** @param error whatever was thrown while a request was handled */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof EngineError) {
    return { status: STATUS_OF[error.kind], message: error.message, expected: error.kind !== "internal" };
  }
  if (error instanceof InvalidInput) return { status: 400, message: error.message, expected: true };
  const status = statusFromFramework(error);
  const message = error instanceof Error ? error.message : String(error);
  return status === undefined ? { status: 500, message, expected: false } : { status, message, expected: true };
}

/** Fastify's own refusals (body too large, bad JSON, bad URL) carry a 4xx statusCode. */
function statusFromFramework(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return undefined;
  const { statusCode } = error;
  return typeof statusCode === "number" && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}
