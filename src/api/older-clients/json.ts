/** Small changes of JSON values of unknown shape: what does not look as expected is left as it is. */
export type Json = Record<string, unknown>;

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Adds fields that are not there. */
export function withFields(value: unknown, fields: Json): unknown {
  return isJson(value) ? { ...fields, ...value } : value;
}

/** The same in the object `name`, which is made if it is missing. */
export function withNested(value: unknown, name: string, fields: Json): unknown {
  return isJson(value) ? { ...value, [name]: withFields(value[name], fields) } : value;
}

export function withoutFields(value: unknown, names: string[]): unknown {
  if (!isJson(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

/** Changes the field `name`, if it is there. */
export function within(value: unknown, name: string, change: (field: unknown) => unknown): unknown {
  return isJson(value) && Object.hasOwn(value, name) ? { ...value, [name]: change(value[name]) } : value;
}

export function each(value: unknown, shape: (item: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map(shape) : value;
}

/** Changes every value of a map. */
export function eachValue(value: unknown, shape: (item: unknown) => unknown): unknown {
  if (!isJson(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shape(item)]));
}
