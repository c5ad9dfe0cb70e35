/** What older clients send, in the words of the newest API: options that their version did not have are not read. */
import * as create from "./create-request.ts";
import { isJson, type Json, within, withoutFields } from "./json.ts";

/** A request: its query parameters and its decoded body (undefined if it is streamed or missing). */
export type ClientRequest = { query: unknown; body: unknown };
type HostKind = { cgroupVersion: "v1" | "v2" };
type Shim = {
  before: number;
  route: string;
  shape: (request: ClientRequest, host: HostKind) => ClientRequest;
};

const CREATE = "POST /containers/create";

/** The newest first; "before 44" reads: for clients that speak 1.43 or less. */
const SHIMS: Shim[] = [
  body(48, CREATE, create.ignoreGwPriority),
  body(48, CREATE, create.refuseImageMounts),
  body(48, "POST /networks/:id/connect", inEndpoint("GwPriority")),
  query(48, "POST /images/load", "platform"),
  query(48, "GET /images/:name/get", "platform"),
  query(48, "GET /images/get", "platform"),
  body(47, "POST /networks/create", (it) => withoutFields(it, ["EnableIPv4"])),
  query(46, "POST /images/:name/push", "platform"),
  body(45, CREATE, create.refuseSubpath),
  body(44, CREATE, create.ignoreStartInterval),
  body(44, CREATE, create.refuseForcedReadOnly),
  body(44, CREATE, create.readOnlyNonRecursive),
  body(44, CREATE, create.oneNetworkOnly),
  body(44, CREATE, create.ignoreEndpointMac),
  body(44, "POST /networks/:id/connect", inEndpoint("MacAddress")),
  body(43, CREATE, create.ignoreAnnotations),
  body(42, CREATE, create.ignoreConsoleSize),
  body(42, CREATE, create.ignoreCreateMountpoint),
  body(42, CREATE, create.dropOptionsOfOtherTypes),
  body(42, "POST /containers/:id/exec", (it) => withoutFields(it, ["ConsoleSize"])),
  body(42, "POST /exec/:id/start", (it) => withoutFields(it, ["ConsoleSize"])),
  query(42, "POST /containers/:id/stop", "signal"),
  query(42, "POST /containers/:id/restart", "signal"),
  query(42, "GET /images/json", "shared-size"),
  query(42, "GET /system/df", "type"),
  // Named volumes were pruned too.
  {
    before: 42,
    route: "POST /volumes/prune",
    shape: ({ query, body }) => ({ query: withFilter(query, "all", "true"), body }),
  },
  { before: 41, route: CREATE, shape: hostCgroupNamespaceOnV1 },
  query(41, CREATE, "platform"),
  { before: 41, route: "GET /images/json", shape: filterByName },
  body(40, CREATE, create.shareIpc),
  body(40, CREATE, create.ignoreNonRecursive),
  body(40, "POST /containers/:id/update", (it) => withoutFields(it, ["PidsLimit"])),
  query(32, "POST /images/create", "platform"),
  query(30, "POST /containers/:id/wait", "condition"),
  body(25, CREATE, create.ignoreAutoRemove),
];

/**
 * @param route method and path as registered, such as "POST /containers/create"
 * @throws EngineError invalid for options that may not be ignored in silence
 */
export function shapeRequest(route: string, minor: number, request: ClientRequest, host: HostKind): ClientRequest {
  let shaped = request;
  for (const shim of SHIMS) if (minor < shim.before && shim.route === route) shaped = shim.shape(shaped, host);
  return shaped;
}

function body(before: number, route: string, change: (body: unknown) => unknown): Shim {
  return { before, route, shape: (request) => ({ query: request.query, body: change(request.body) }) };
}

/** A query parameter that is not read. */
function query(before: number, route: string, name: string): Shim {
  return { before, route, shape: (request) => ({ query: withoutFields(request.query, [name]), body: request.body }) };
}

function inEndpoint(field: string): (body: unknown) => unknown {
  return (it) => within(it, "EndpointConfig", (endpoint) => withoutFields(endpoint, [field]));
}

function hostCgroupNamespaceOnV1({ query, body }: ClientRequest, { cgroupVersion }: HostKind): ClientRequest {
  return { query, body: cgroupVersion === "v1" ? create.hostCgroupNamespace(body) : body };
}

/** `filter=NAME` was there before `filters`. */
function filterByName({ query, body }: ClientRequest): ClientRequest {
  const name = isJson(query) ? query.filter : undefined;
  return { query: typeof name === "string" && name !== "" ? withFilter(query, "reference", name) : query, body };
}

/** Adds a value to the JSON of `filters`; a broken one is left for its reader to refuse. */
function withFilter(query: unknown, name: string, value: string): unknown {
  const given: Json = isJson(query) ? query : {};
  let filters: unknown = {};
  try {
    if (typeof given.filters === "string" && given.filters !== "") filters = JSON.parse(given.filters);
  } catch {
    return query;
  }
  if (!isJson(filters) || Object.hasOwn(filters, name)) return query;
  return { ...given, filters: JSON.stringify({ ...filters, [name]: { [value]: true } }) };
}
