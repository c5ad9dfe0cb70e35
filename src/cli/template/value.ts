/** What a template works on: decoded JSON, and rows whose fields may be functions ({{.Label "x"}}). */
export type Value = unknown;

/** A row's Go type, as error texts name it. */
export const typeName = Symbol("typeName");

/** What a JSON null prints as: Go knows the field's type, we know its name. */
const POINTERS = new Set([
  "Healthcheck",
  "Init",
  "MemorySwappiness",
  "OomKillDisable",
  "PidsLimit",
  "Health",
  "IPAMConfig",
  "NetworkSettings",
]);
const MAPS = new Set([
  "Labels",
  "Volumes",
  "ExposedPorts",
  "Options",
  "DriverOpts",
  "Sysctls",
  "Tmpfs",
  "StorageOpt",
  "Annotations",
  "PortBindings",
  "Status",
]);

export const nullText = (field: string): string => (POINTERS.has(field) ? "<nil>" : MAPS.has(field) ? "map[]" : "[]");

/** A missing value ("<no value>") is undefined; an empty one is null. */
export function truth(value: Value): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === 0n || value === "")
    return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value === "object" ? Object.keys(value).length > 0 : true;
}

/** Go's %v. */
export function print(value: Value): string {
  if (value === undefined) return "<no value>";
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(print).join(" ")}]`;
  if (typeof value !== "object") return String(value);
  const keys = Object.keys(value).sort();
  return `map[${keys.map((key) => `${key}:${printField(key, (value as Record<string, Value>)[key])}`).join(" ")}]`;
}

export const printField = (name: string, value: Value): string => (value === null ? nullText(name) : print(value));

export const isMap = (value: Value): value is Record<string, Value> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
