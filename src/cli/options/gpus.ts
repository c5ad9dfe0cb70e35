import { csvFields, cut } from "../../lib/csv.ts";
import type { DeviceRequest } from "../../wire/container.ts";

/** --gpus: "all", a count, or "count=2,capabilities=utility,…", "device=0". */
export const gpuRequests = {
  none: [] as DeviceRequest[],
  read(value: string, before: DeviceRequest[]): DeviceRequest[] {
    const request: DeviceRequest = { Driver: "", Count: 0, DeviceIDs: null, Capabilities: [], Options: {} };
    const seen = new Set<string>();
    for (const field of csvFields(value)) {
      const [word, text] = cut(field);
      const key = text === undefined ? "count" : word;
      if (seen.has(key)) throw new Error(`gpu request key '${key}' can be specified only once`);
      seen.add(key);
      set(request, key, text ?? word);
    }
    if (!seen.has("count") && request.DeviceIDs === null) request.Count = 1;
    if (request.Capabilities?.length === 0) request.Capabilities = [["gpu"]];
    return [...before, request];
  },
};

function set(request: DeviceRequest, key: string, text: string): void {
  if (key === "driver") request.Driver = text;
  else if (key === "count") {
    if (text !== "all" && !/^-?\d+$/.test(text))
      throw new Error(`invalid count (${text}): value must be either "all" or an integer: invalid syntax`);
    request.Count = text === "all" ? -1 : Number(text);
  } else if (key === "device") request.DeviceIDs = text.split(",");
  else if (key === "capabilities") request.Capabilities = [[...text.split(","), "gpu"]];
  else if (key === "options") {
    for (const option of csvFields(text)) {
      const [name, value = ""] = cut(option);
      request.Options = { ...request.Options, [name]: value };
    }
  } else throw new Error(`unexpected key '${key}' in '${key}=${text}'`);
}
