/** Parents of macvlan and ipvlan interfaces: links of the host, or made for a network. Rarely needed, so by the ip program. */
import { EngineError } from "../../engine/errors.ts";
import { checkVlanId, isMadeName, subInterface } from "../../engine/networks/vlan-options.ts";
import { run } from "./run.ts";

/**
 * What leads nowhere: dummy is what docker makes; where the kernel has none, ifb does the same: what is sent out
 * by it, and was not redirected to it, is dropped.
 */
const NOWHERE = ["dummy", "ifb"];

/** As HostNetwork.ensureParent says. */
export async function ensureParent(name: string): Promise<number> {
  const found = await indexOf(name);
  if (found !== undefined) return found;
  if (isMadeName(name)) await makeNowhere(name);
  else await makeVlan(name);
  const made = await indexOf(name);
  if (made === undefined) throw new EngineError("internal", `interface ${name} has vanished`);
  return made;
}

export async function hasLink(name: string): Promise<boolean> {
  return (await indexOf(name)) !== undefined;
}

export async function removeLink(name: string): Promise<void> {
  if (await hasLink(name)) await run("ip", ["link", "delete", "dev", name]);
}

async function makeNowhere(name: string): Promise<void> {
  const refusals: string[] = [];
  for (const kind of NOWHERE) {
    try {
      return void (await run("ip", ["link", "add", "name", name, "up", "type", kind]));
    } catch (error) {
      refusals.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new EngineError(
    "internal",
    `a link without a way out, for a network without -o parent: ${refusals.join("; ")}: this kernel has no dummy links (modprobe dummy)`,
  );
}

async function makeVlan(name: string): Promise<void> {
  const { of, id } = subInterface(name);
  if (!(await hasLink(of)))
    throw new EngineError("invalid", `-o parent interface does was not found on the host: ${of}`);
  checkVlanId(id);
  try {
    await run("ip", ["link", "add", "link", of, "name", name, "up", "type", "vlan", "id", String(id)]);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new EngineError("internal", `failed to create ${name} vlan link: ${why} (is the module 8021q there?)`, {
      cause,
    });
  }
}

/** By ip, not by /sys/class/net: that one shows the network namespace in which /sys was mounted. */
async function indexOf(name: string): Promise<number | undefined> {
  try {
    const [link] = JSON.parse(await run("ip", ["-json", "link", "show", "dev", name])) as { ifindex: number }[];
    return link?.ifindex;
  } catch (error) {
    if (error instanceof EngineError && error.message.includes("does not exist")) return undefined;
    throw error;
  }
}
