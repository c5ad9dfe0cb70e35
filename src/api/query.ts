/** Query parameters as docker reads them. Fastify gives text, or a list when a name comes more than once. */
import type { FastifyRequest } from "fastify";

type Query = Record<string, string | string[] | undefined>;

/** The (last) value of a parameter; undefined if it was not given. */
export function textOf(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Query)[name];
  return Array.isArray(value) ? value.at(-1) : value;
}

export function listOf(request: FastifyRequest, name: string): string[] {
  const value = (request.query as Query)[name];
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** Docker's rule: anything but "", "0", "no", "false", "none" is true. */
export function isTrue(text: string | null | undefined): boolean {
  return !["", "0", "no", "false", "none"].includes((text ?? "").trim().toLowerCase());
}

export function booleanOf(request: FastifyRequest, name: string): boolean {
  return isTrue(textOf(request, name));
}
