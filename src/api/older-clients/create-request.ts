/** POST /containers/create as older clients mean it, in the words of the newest API. Each is for all versions below its own. */
import { invalid } from "../../engine/errors.ts";
import { eachValue, isJson, type Json, within, withoutFields } from "./json.ts";

type Change = (body: unknown) => unknown;

const inHost =
  (change: Change): Change =>
  (body) =>
    within(body, "HostConfig", change);

/** Changes each of HostConfig.Mounts. */
const inMounts = (change: (mount: Json) => unknown): Change =>
  inHost((host) =>
    within(host, "Mounts", (mounts) =>
      Array.isArray(mounts) ? mounts.map((mount) => (isJson(mount) ? change(mount) : mount)) : mounts,
    ),
  );

const inEndpoints = (change: Change): Change =>
  within1("NetworkingConfig", (networking) => within(networking, "EndpointsConfig", change));

function within1(name: string, change: Change): Change {
  return (body) => within(body, name, change);
}

/** What an option was when nobody could choose it. */
const defaultInHost =
  (name: string, value: unknown): Change =>
  (body) => {
    if (!isJson(body)) return body;
    const host = isJson(body.HostConfig) ? body.HostConfig : {};
    return host[name] ? body : { ...body, HostConfig: { ...host, [name]: value } };
  };

const sets = (value: unknown, field: string): boolean => isJson(value) && Boolean(value[field]);

/** 1.25: until then --rm was the client's work. */
export const ignoreAutoRemove = inHost((host) => withoutFields(host, ["AutoRemove"]));

/** 1.40: IPC namespaces could be shared unless said otherwise; BindOptions.NonRecursive came. */
export const shareIpc = defaultInHost("IpcMode", "shareable");
export const ignoreNonRecursive = inMounts((mount) =>
  within(mount, "BindOptions", (options) => withoutFields(options, ["NonRecursive"])),
);

/** 1.41: clients expect the host's cgroup namespace, on v1 hosts. */
export const hostCgroupNamespace = defaultInHost("CgroupnsMode", "host");

/** 1.42: the console's size at creation, BindOptions.CreateMountpoint, and the check that options fit their type came. */
export const ignoreConsoleSize = inHost((host) => withoutFields(host, ["ConsoleSize"]));
export const ignoreCreateMountpoint = inMounts((mount) =>
  within(mount, "BindOptions", (options) => withoutFields(options, ["CreateMountpoint"])),
);
export const dropOptionsOfOtherTypes = inMounts((mount) =>
  withoutFields(mount, [
    ...(mount.Type === "volume" ? [] : ["VolumeOptions"]),
    ...(mount.Type === "tmpfs" ? [] : ["TmpfsOptions"]),
  ]),
);

/** 1.43 */
export const ignoreAnnotations = inHost((host) => withoutFields(host, ["Annotations"]));

/** 1.44 */
export const ignoreStartInterval: Change = (body) =>
  within(body, "Healthcheck", (health) => withoutFields(health, ["StartInterval"]));

/** Throws invalid: a client that forces it must not believe that it got it. */
export const refuseForcedReadOnly = inMounts((mount) => {
  if (mount.Type === "bind" && sets(mount.BindOptions, "ReadOnlyForceRecursive")) {
    throw invalid("BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer");
  }
  return mount;
});

/** Read-only binds did not reach the mounts below them. */
export const readOnlyNonRecursive = inMounts((mount) => {
  if (mount.Type !== "bind" || !mount.ReadOnly) return mount;
  const options = isJson(mount.BindOptions) ? mount.BindOptions : {};
  return { ...mount, BindOptions: { ...options, ReadOnlyNonRecursive: true } };
});

export const oneNetworkOnly = inEndpoints((endpoints) => {
  const names = isJson(endpoints) ? Object.keys(endpoints) : [];
  if (names.length > 1) throw invalid(`Container cannot be connected to network endpoints: ${names.join(", ")}`);
  return endpoints;
});

/** The MAC stood in Config; the endpoint's was not read. */
export const ignoreEndpointMac = inEndpoints((endpoints) =>
  eachValue(endpoints, (endpoint) => withoutFields(endpoint, ["MacAddress"])),
);

/** 1.45. Throws invalid: without it another directory would be mounted. */
export const refuseSubpath = inMounts((mount) => {
  if (sets(mount.VolumeOptions, "Subpath")) throw invalid("VolumeOptions.Subpath needs API v1.45 or newer");
  return mount;
});

/** 1.48 */
export const ignoreGwPriority = inEndpoints((endpoints) =>
  eachValue(endpoints, (endpoint) => withoutFields(endpoint, ["GwPriority"])),
);
export const refuseImageMounts = inMounts((mount) => {
  if (mount.Type === "image") throw invalid('Mount type "Image" needs API v1.48 or newer');
  return mount;
});
