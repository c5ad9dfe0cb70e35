/** What the newest API answers, in the shapes that older clients know. */
import { MAC_WARNING } from "../../engine/containers/mac-address.ts";
import { each, isJson, withFields, within, withNested, withoutFields } from "./json.ts";

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
  { before: 50, route: "GET /images/:name/json", shape: (image) => within(image, "Config", fullConfig) },
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
  { before: 46, route: "GET /containers/json", shape: (list) => each(list, withoutAnnotations) },
  // Until 1.44 a container's short id stood among its aliases; then DNSNames came.
  { before: 45, route: "GET /containers/:id/json", shape: namesAmongAliases },
  {
    before: 45,
    route: "GET /images/:name/json",
    shape: (image) => withFields(image, { Container: "", ContainerConfig: fullConfig(undefined) }),
  },
  { before: 44, route: "POST /containers/create", shape: withoutMacWarning },
  { before: 44, route: "GET /images/json", shape: (list) => each(list, virtualSize) },
  { before: 44, route: "GET /images/:name/json", shape: virtualSize },
  { before: 44, route: "GET /images/:name/json", shape: (image) => withFields(image, { Created: NEVER }) },
  { before: 44, route: "GET /system/df", shape: (usage) => within(usage, "Images", (list) => each(list, virtualSize)) },
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
  { before: 25, route: "GET /info", shape: (info) => withFields(info, { ExecutionDriver: "<not supported>" }) },
];

/** @param route method and path as registered, such as "GET /containers/:id/json" */
export function shapeReply(route: string, minor: number, reply: unknown): unknown {
  let shaped = reply;
  for (const shim of SHIMS) if (minor < shim.before && shim.route === route) shaped = shim.shape(shaped);
  return shaped;
}

const NEVER = "0001-01-01T00:00:00Z";

/** An image's configuration had all fields of a container's, those that say nothing too. */
function fullConfig(config: unknown): unknown {
  return {
    Hostname: "",
    Domainname: "",
    User: "",
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Env: null,
    Cmd: null,
    Image: "",
    Volumes: null,
    WorkingDir: "",
    Entrypoint: null,
    OnBuild: null,
    Labels: null,
    ...(isJson(config) ? config : {}),
  };
}

function withoutAnnotations(container: unknown): unknown {
  return within(container, "HostConfig", (host) => withoutFields(host, ["Annotations"]));
}

/** Config.MacAddress was the way to ask for one. */
function withoutMacWarning(created: unknown): unknown {
  return within(created, "Warnings", (warnings) =>
    Array.isArray(warnings) ? warnings.filter((text) => text !== MAC_WARNING) : warnings,
  );
}

/** Until 1.43 the sum of an image's own and its parents' sizes. */
function virtualSize(image: unknown): unknown {
  return isJson(image) ? { VirtualSize: image.Size, ...image } : image;
}

/** Names of the network that are no aliases any more. */
function namesAmongAliases(container: unknown): unknown {
  if (!isJson(container) || !isJson(container.NetworkSettings) || !isJson(container.NetworkSettings.Networks)) {
    return container;
  }
  const names = [String(container.Id).slice(0, 12)];
  if (isJson(container.Config) && container.Config.Hostname) names.push(String(container.Config.Hostname));
  const builtIn = ["bridge", "host", "none"];
  const Networks = Object.fromEntries(
    Object.entries(container.NetworkSettings.Networks).map(([name, endpoint]) => {
      if (!isJson(endpoint) || builtIn.includes(name)) return [name, endpoint];
      const aliases = Array.isArray(endpoint.Aliases) ? endpoint.Aliases : [];
      return [name, { ...endpoint, Aliases: [...new Set([...aliases, ...names])] }];
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
