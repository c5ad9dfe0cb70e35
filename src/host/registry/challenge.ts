/** WWW-Authenticate: which scheme a registry wants, and with which parameters (RFC 9110, 11.6.1). */
export type Challenge = { scheme: "bearer" | "basic"; parameters: Record<string, string> };

/** @returns the first challenge that is understood; undefined for none */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const [, name = "", rest = ""] = /^\s*(bearer|basic)\b\s*(.*)$/i.exec(header ?? "") ?? [];
  const scheme = name.toLowerCase();
  if (scheme !== "bearer" && scheme !== "basic") return undefined;
  const parameters: Record<string, string> = {};
  for (const [, key = "", quoted, plain] of rest.matchAll(/([a-zA-Z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)) {
    parameters[key.toLowerCase()] = quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "";
  }
  return { scheme, parameters };
}
