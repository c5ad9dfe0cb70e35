/** Device nodes and device rules of a container. */
import { posix } from "node:path";
import { defaultDeviceRules } from "../../isolation/defaults.ts";
import type { DeviceNode, DeviceRule } from "../../isolation/spec.ts";
import type { HostConfig } from "../../wire/container.ts";
import { invalid } from "../errors.ts";
import type { HostDevices } from "./deps.ts";

export type WantedDevice = { node: DeviceNode; access: string };

/** `--device`s, or all of the host's for a privileged container. Throws invalid with docker's text for a missing one. */
export async function deviceNodes(
  devices: HostDevices,
  host: Pick<HostConfig, "Devices" | "Privileged">,
): Promise<WantedDevice[]> {
  const asked = await Promise.all(host.Devices.map((mapping) => mapped(devices, mapping)));
  const own = asked.flat();
  if (!host.Privileged) return own;
  const paths = new Set(own.map(({ node }) => node.path));
  const all = (await devices.all()).filter((node) => !paths.has(node.path));
  return [...all.map((node) => ({ node, access: "rwm" })), ...own];
}

async function mapped(devices: HostDevices, mapping: HostConfig["Devices"][number]): Promise<WantedDevice[]> {
  const { PathOnHost: source, PathInContainer, CgroupPermissions } = mapping;
  const target = PathInContainer || source;
  const nodes = await devices.at(source);
  if (nodes === undefined || nodes.length === 0) {
    const reason = nodes === undefined ? "no such file or directory" : "not a device node";
    throw invalid(`error gathering device information while adding custom device "${source}": ${reason}`);
  }
  return nodes.map((node) => ({
    // A directory's devices keep their place below it.
    node: { ...node, path: node.path === source ? target : posix.join(target, posix.relative(source, node.path)) },
    access: CgroupPermissions || "rwm",
  }));
}

/** What may be opened: docker's defaults, the devices given, `--device-cgroup-rule`s. */
export function deviceRules(devices: WantedDevice[], extra: string[]): DeviceRule[] {
  const given = devices.map(({ node, access }) => ({
    allow: true,
    type: node.type,
    major: node.major,
    minor: node.minor,
    access,
  }));
  return [...defaultDeviceRules, ...given, ...extra.map(parseDeviceRule)];
}

/** "c 1:3 rwm", "b *:* r". Throws invalid. */
export function parseDeviceRule(text: string): DeviceRule {
  const match = /^([acb]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(text);
  if (!match) throw invalid(`invalid device cgroup rule format: '${text}'`);
  const [, type = "", major = "", minor = "", access = ""] = match;
  return {
    allow: true,
    type: type === "c" || type === "b" ? type : "a",
    major: major === "*" ? "*" : Number(major),
    minor: minor === "*" ? "*" : Number(minor),
    access,
  };
}
