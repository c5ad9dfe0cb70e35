/** The query of `POST /build?version=2`, in the words of BuildKit's frontend. */
import { InvalidInput } from "../lib/invalid-input.ts";
import { isObject } from "../lib/is-object.ts";
import { json, jsonMap, queryTexts } from "./build-query.ts";
import type { PostedBuild } from "./buildkit/posted.ts";
import { queryFlag, queryText } from "./routes/query.ts";

/** @throws InvalidInput on what cannot be read */
export function postedBuild(query: unknown): PostedBuild {
  const text = (name: string) => queryText(query, name) ?? "";
  const attributes: Record<string, string> = {};
  const set = (name: string, value: string) => {
    if (value !== "") attributes[name] = value;
  };
  const map = (name: string) => Object.entries(jsonMap(text(name), `error reading ${name}`));
  // One without a value is as if it were not given, an empty one is.
  for (const [name, value] of map("buildargs")) if (value !== null) attributes[`build-arg:${name}`] = value;
  for (const [name, value] of map("labels")) attributes[`label:${name}`] = value ?? "";
  // Else it is one that the session does not have: an archive, a URL.
  if (text("remote") !== "client-session") set("context", text("remote"));
  set("filename", text("dockerfile"));
  set("target", text("target"));
  set("platform", text("platform"));
  set("force-network-mode", text("networkmode"));
  set("cgroup-parent", text("cgroupparent"));
  set("shm-size", text("shmsize") === "0" ? "" : text("shmsize"));
  set(
    "add-hosts",
    queryTexts(query, "extrahosts")
      .join(",")
      .replace(/(^|,)([^:,]+):/g, "$1$2="),
  );
  if (queryFlag(query, "nocache")) attributes["no-cache"] = "";
  if (queryFlag(query, "pull")) set("image-resolve-mode", "pull");
  const outputs = text("outputs") === "" ? null : json(text("outputs"), "error reading outputs");
  const exporters = Array.isArray(outputs) ? outputs.map(exporterOf) : [];
  const names = queryTexts(query, "t").join(",");
  return {
    id: text("buildid") || text("session"),
    session: text("session"),
    attributes,
    exporters: exporters.length > 0 ? exporters : [{ Type: "moby", Attrs: { name: names } }],
  };
}

function exporterOf(value: unknown): PostedBuild["exporters"][number] {
  const { Type, Attrs } = isObject(value) ? value : {};
  const entries = isObject(Attrs) ? Object.entries(Attrs) : [];
  if (typeof Type !== "string") throw new InvalidInput("error reading outputs");
  return { Type, Attrs: Object.fromEntries(entries.map(([name, item]) => [name, String(item)])) };
}
