/** macvlan and ipvlan: what may be asked of them (docker's names and texts), and which link of the host is below. Pure. */
import { IPVLAN_FLAG, IPVLAN_MODE, MACVLAN_MODE } from "../../kernel/netlink-constants.ts";
import { EngineError, invalid } from "../errors.ts";
import { isVlan, type NetworkRecord } from "./network.ts";

type Wanted = Pick<NetworkRecord, "id" | "driver" | "options">;

/** How a container's interface is made on the parent. */
export type VlanLink =
  | { kind: "macvlan"; mode: keyof typeof MACVLAN_MODE }
  | { kind: "ipvlan"; mode: keyof typeof IPVLAN_MODE; flag: keyof typeof IPVLAN_FLAG };

const VLAN_OPTION = { parent: "parent", macvlan: "macvlan_mode", ipvlan: "ipvlan_mode", flag: "ipvlan_flag" } as const;
/** Of a network without a parent: a link that leads nowhere, and binds its containers to each other. */
const MADE = "dm-";
const MAX_VLAN_ID = 4094;

/** @throws EngineError invalid in docker's words */
export function vlanLink({ driver, options }: Pick<Wanted, "driver" | "options">): VlanLink {
  if (driver === "macvlan") {
    return { kind: "macvlan", mode: oneOf(MACVLAN_MODE, options[VLAN_OPTION.macvlan] || "bridge", "macvlan mode") };
  }
  return {
    kind: "ipvlan",
    mode: oneOf(IPVLAN_MODE, options[VLAN_OPTION.ipvlan] || "l2", "ipvlan mode"),
    flag: oneOf(IPVLAN_FLAG, options[VLAN_OPTION.flag] || "bridge", "ipvlan flag"),
  };
}

const DEFAULTS = { "macvlan mode": "'bridge' mode is the macvlan", "ipvlan mode": "'l2' mode is the ipvlan" };

function oneOf<T extends object>(all: T, asked: string, what: string): keyof T {
  if (Object.hasOwn(all, asked)) return asked as keyof T;
  const preset = DEFAULTS[what as keyof typeof DEFAULTS] ?? "'bridge' is the ipvlan";
  throw invalid(`requested ${what} '${asked}' is not valid, ${preset} driver default`);
}

/** The packets of these find their way by the device alone: there is no gateway to ask for. */
export function isLayer3(record: Pick<Wanted, "driver" | "options">): boolean {
  if (record.driver !== "ipvlan") return false;
  const link = vlanLink(record);
  return link.mode === "l3" || link.mode === "l3s";
}

/** @throws EngineError invalid for loopback */
export function parentName({ id, driver, options }: Wanted): string {
  const name = options[VLAN_OPTION.parent] || `${MADE}${id.slice(0, 12)}`;
  if (name === "lo") throw invalid(`loopback interface is not a valid ${driver} parent link`);
  return name;
}

/** A link that leads nowhere is made for a network that names none. */
export function isMadeName(name: string): boolean {
  return name.startsWith(MADE);
}

/**
 * What to make when the parent is not there: "eth0.10" is VLAN 10 of eth0.
 * @throws EngineError invalid, in docker's words, for every other name
 */
export function subInterface(name: string): { of: string; id: number } {
  const [of = "", text = "", more] = name.split(".");
  if (!name.includes(".")) throw invalid(`invalid subinterface vlan name ${name}, example formatting is eth0.10`);
  if (more !== undefined)
    throw invalid(`required interface name format is: name.vlan_id, ex. eth0.10 for vlan 10, instead received ${name}`);
  if (!/^[+-]?\d+$/.test(text))
    throw invalid(`unable to parse a valid vlan id from: ${text} (ex. eth0.10 for vlan 10)`);
  return { of, id: Number(text) };
}

/** Docker looks whether the link is there before it looks at the number. Throws invalid. */
export function checkVlanId(id: number): void {
  if (id < 1 || id > MAX_VLAN_ID) throw invalid(`vlan id must be between 1-${MAX_VLAN_ID}, received: ${id}`);
}

/**
 * Who shares a parent with whom: macvlan networks do, unless one is in mode passthru; ipvlan's mode belongs to the
 * parent, and a link has either macvlan or ipvlan interfaces (the kernel's rx_handler).
 * @throws EngineError forbidden
 */
export function refuseSharedParent(record: NetworkRecord, others: NetworkRecord[]): void {
  for (const other of others) {
    if (!isVlan(other) || other.parent !== record.parent || other.id === record.id) continue;
    const modes = [record, other].map(vlanLink);
    if (modes.every(({ kind, mode }) => kind === "macvlan" && mode !== "passthru")) continue;
    throw new EngineError(
      "forbidden",
      `network ${MADE}${other.id.slice(0, 12)} is already using parent interface ${record.parent}`,
    );
  }
}
