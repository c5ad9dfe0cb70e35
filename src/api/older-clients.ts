/**
 * ALL that older clients get differently. The engine and the routes know the newest API only; here each reply is shaped
 * for the version that was asked for. "before 44" reads: for clients that speak 1.43 or less.
 */
import type { FastifyInstance } from "fastify";
import { MULTIPLEXED_STREAM, RAW_STREAM } from "../wire/stdcopy.ts";

type Json = Record<string, unknown>;
type Shim = { before: number; route: string; shape: (reply: unknown) => unknown };

/** Applied one after the other, the newest first, so that each sees the shape of the version above its own. */
const SHIMS: Shim[] = [
  // 1.50 dropped what it had long answered with constants.
  {
    before: 50,
    route: "GET /info",
    shape: (info) => withFields(info, { BridgeNfIptables: true, BridgeNfIp6tables: true }),
  },
  { before: 50, route: "GET /info", shape: (info) => withoutFields(info, ["DiscoveredDevices"]) },
  { before: 49, route: "GET /info", shape: (info) => withoutFields(info, ["FirewallBackend"]) },
  {
    before: 49,
    route: "GET /info",
    shape: (info) =>
      withNested(info, "RegistryConfig", {
        AllowNondistributableArtifactsCIDRs: null,
        AllowNondistributableArtifactsHostnames: null,
      }),
  },
  {
    before: 48,
    route: "GET /containers/json",
    shape: (list) => each(list, (it) => withoutFields(it, ["ImageManifestDescriptor"])),
  },
  { before: 48, route: "GET /containers/:id/json", shape: (it) => withoutFields(it, ["ImageManifestDescriptor"]) },
  { before: 47, route: "GET /networks", shape: (list) => each(list, (it) => withoutFields(it, ["EnableIPv4"])) },
  { before: 47, route: "GET /networks/:id", shape: (it) => withoutFields(it, ["EnableIPv4"]) },
  { before: 46, route: "GET /info", shape: (info) => withoutFields(info, ["CDISpecDirs"]) },
  // Until 1.44 a container's short id stood among its aliases; then DNSNames came.
  { before: 45, route: "GET /containers/:id/json", shape: shortIdAmongAliases },
  {
    before: 45,
    route: "GET /images/:name/json",
    shape: (image) => withFields(image, { Container: "", ContainerConfig: null }),
  },
  { before: 44, route: "GET /images/json", shape: (list) => each(list, virtualSize) },
  { before: 44, route: "GET /images/:name/json", shape: virtualSize },
  { before: 44, route: "GET /system/df", shape: (usage) => withList(usage, "Images", virtualSize) },
  {
    before: 42,
    route: "GET /info",
    shape: (info) => withFields(info, { KernelMemory: false, KernelMemoryTCP: false }),
  },
  { before: 42, route: "GET /system/df", shape: (usage) => withFields(usage, { BuilderSize: 0 }) },
  {
    before: 42,
    route: "GET /containers/:id/json",
    shape: (it) => withNested(it, "HostConfig", { KernelMemory: 0, KernelMemoryTCP: 0 }),
  },
  { before: 35, route: "GET /version", shape: (version) => withoutFields(version, ["Components", "Platform"]) },
  { before: 25, route: "GET /info", shape: bareSecurityOptions },
];

export function shapeForOlderClients(app: FastifyInstance): void {
  app.addHook("preSerialization", async (request, _reply, payload) =>
    shapeReply(`${request.method} ${request.routeOptions.url}`, request.apiMinor, payload),
  );
}

/** @param route method and path as registered, such as "GET /containers/:id/json" */
export function shapeReply(route: string, minor: number, reply: unknown): unknown {
  let shaped = reply;
  for (const shim of SHIMS) if (minor < shim.before && shim.route === route) shaped = shim.shape(shaped);
  return shaped;
}

/** The type of a container's stream: before 42 there was one name for both kinds. */
export function streamContentType(type: string, minor: number): string {
  return minor < 42 && type === MULTIPLEXED_STREAM ? RAW_STREAM : type;
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function withFields(value: unknown, fields: Json): unknown {
  return isJson(value) ? { ...fields, ...value } : value;
}

function withNested(value: unknown, name: string, fields: Json): unknown {
  return isJson(value) ? { ...value, [name]: withFields(value[name], fields) } : value;
}

function withoutFields(value: unknown, names: string[]): unknown {
  if (!isJson(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

function each(value: unknown, shape: (item: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map(shape) : value;
}

function withList(value: unknown, name: string, shape: (item: unknown) => unknown): unknown {
  return isJson(value) ? { ...value, [name]: each(value[name], shape) } : value;
}

function virtualSize(image: unknown): unknown {
  return isJson(image) ? { VirtualSize: image.Size, ...image } : image;
}

function shortIdAmongAliases(container: unknown): unknown {
  if (!isJson(container) || !isJson(container.NetworkSettings) || !isJson(container.NetworkSettings.Networks)) {
    return container;
  }
  const shortId = String(container.Id).slice(0, 12);
  const builtIn = ["bridge", "host", "none"];
  const Networks = Object.fromEntries(
    Object.entries(container.NetworkSettings.Networks).map(([name, endpoint]) => {
      if (!isJson(endpoint) || builtIn.includes(name)) return [name, endpoint];
      const aliases = Array.isArray(endpoint.Aliases) ? endpoint.Aliases : [];
      return [name, { ...endpoint, Aliases: aliases.includes(shortId) ? aliases : [...aliases, shortId] }];
    }),
  );
  return { ...container, NetworkSettings: { ...container.NetworkSettings, Networks } };
}

/** "name=seccomp,profile=builtin" was "seccomp". */
function bareSecurityOptions(info: unknown): unknown {
  if (!isJson(info) || !Array.isArray(info.SecurityOptions)) return info;
  const SecurityOptions = info.SecurityOptions.map((option) => String(option).replace(/^name=([^,]*).*$/, "$1"));
  return { ...info, SecurityOptions };
}
