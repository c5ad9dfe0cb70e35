/** What the schemas are made of. */
import { type TSchema, Type } from "typebox";

export const { Array: list, Boolean: bool, Number: number, Object: object, Optional: may, String: text } = Type;
export const words = <const T extends string[]>(...values: T) =>
  Type.Union(values.map((value) => Type.Literal(value))) as never as Type.TUnsafe<T[number]>;
export const record = <T extends TSchema>(value: T) => Type.Record(text(), value);

const line = object({ avg10: number(), avg60: number(), avg300: number(), total: number() });
const view = object({ some: may(line), full: may(line) });
export const pressure = object({ cpu: may(view), memory: may(view), io: may(view) });
export const pids = object({ current: number(), limit: may(number()) });
export const names = list(text());
