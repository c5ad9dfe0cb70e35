/** Is it a system error with this name ("ENOENT")? */
export function isErrno(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && "code" in error && names.includes(String(error.code));
}
