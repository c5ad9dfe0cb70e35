/**
 * Errors are classes of meaning (after moby's errdefs). The API maps kind -> HTTP status once, in api/errors.ts.
 * Messages follow docker's own texts where it has one: CLIs decide by them.
 */
export type ErrorKind =
  | "invalid" // 400
  | "unauthorized" // 401
  | "forbidden" // 403
  | "not-found" // 404
  | "conflict" // 409
  | "not-modified" // 304
  | "too-large" // 413
  | "internal" // 500
  | "not-implemented" // 501
  | "unavailable"; // 503

export class EngineError extends Error {
  readonly kind: ErrorKind;
  constructor(kind: ErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "EngineError";
    this.kind = kind;
  }
}

export const invalid = (message: string) => new EngineError("invalid", message);
export const notFound = (message: string) => new EngineError("not-found", message);
export const conflict = (message: string) => new EngineError("conflict", message);
export const notModified = () => new EngineError("not-modified", "not modified");
export const notImplemented = (message: string) => new EngineError("not-implemented", message);
export const internal = (message: string, cause?: unknown) => new EngineError("internal", message, { cause });
