/** Decoder of what clients send about volumes. */
import { Type } from "typebox";
import { InvalidInput } from "../lib/invalid-input.ts";
import { jsonDecoder } from "./decode-json.ts";
import type { VolumeCreate } from "./volume.ts";

const text = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const texts = Type.Optional(Type.Union([Type.Record(Type.String(), Type.String()), Type.Null()]));

const decode = jsonDecoder(
  Type.Object({
    Name: text,
    Driver: text,
    DriverOpts: texts,
    Labels: texts,
    ClusterVolumeSpec: Type.Optional(Type.Unknown()),
  }),
  "CreateOptions",
);

/** @throws InvalidInput */
export function volumeCreate(body: unknown): VolumeCreate {
  if (body === undefined || body === null) throw new InvalidInput("invalid JSON: got EOF while reading request body");
  const given = decode(body);
  return {
    Name: given.Name ?? "",
    Driver: given.Driver || "local",
    DriverOpts: someOf(given.DriverOpts),
    Labels: someOf(given.Labels),
  };
}

/** Docker shows "no labels" as null. */
function someOf(given: Record<string, string> | null | undefined): Record<string, string> | null {
  return given && Object.keys(given).length > 0 ? given : null;
}
