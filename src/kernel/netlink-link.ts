/** Rtnetlink requests about links: veth, bridge, macvlan, ipvlan; make, change, delete. */
import type { NetlinkRequest } from "./netlink.ts";
import { attribute, macBytes, text, u8, u16, u32 } from "./netlink-attributes.ts";
import {
  AF_BRIDGE,
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  IFF_UP,
  IFLA,
  IFLA_BRPORT,
  IFLA_INET_CONF,
  IFLA_INET6_ADDR_GEN_MODE,
  IFLA_INFO,
  IFLA_IPVLAN_FLAGS,
  IFLA_IPVLAN_MODE,
  IFLA_MACVLAN_MODE,
  IN6_ADDR_GEN_MODE_NONE,
  IPV4_DEVCONF_ROUTE_LOCALNET,
  IPVLAN_FLAG,
  IPVLAN_MODE,
  MACVLAN_MODE,
  NLA_F_NESTED,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTM,
  VETH_INFO_PEER,
} from "./netlink-constants.ts";

/** Longest name of an interface, IFNAMSIZ without its NUL. */
export const MAX_INTERFACE_NAME = 15;

/** Where a new link is put: the netns open on this fd of the sender, or that of this process. */
export type TargetNamespace = { fd: number } | { pid: number };

export type LinkProperties = {
  name: string;
  /** The interface's number; absent: the kernel takes the next free one. */
  index?: number;
  mac?: string;
  /** bytes */
  mtu?: number;
  up?: boolean;
};

/**
 * A veth pair (veth(4)): one end here in the bridge `master`, the other in another network namespace from birth on;
 * made and moved in two steps it would cost an RCU grace period more.
 * The kernel takes the peer's index only if the near end has one too.
 */
export function newVeth(
  near: LinkProperties & { master: number },
  peer: LinkProperties & { namespace: TargetNamespace },
): NetlinkRequest {
  const peerBody = Buffer.concat([ifinfomsg(peer), ...properties(peer), inNamespace(peer.namespace)]);
  return create(near, [
    attribute(IFLA.MASTER, u32(near.master)),
    linkInfo("veth", [attribute(VETH_INFO_PEER, peerBody)]),
  ]);
}

export function newBridge(bridge: LinkProperties): NetlinkRequest {
  return create(bridge, [linkInfo("bridge", [])]);
}

export function newMacvlan(
  link: LinkProperties & { parent: number; mode: keyof typeof MACVLAN_MODE; namespace: TargetNamespace },
): NetlinkRequest {
  return create(link, [
    attribute(IFLA.LINK, u32(link.parent)),
    inNamespace(link.namespace),
    linkInfo("macvlan", [attribute(IFLA_MACVLAN_MODE, u32(MACVLAN_MODE[link.mode]))]),
  ]);
}

export function newIpvlan(
  link: LinkProperties & {
    parent: number;
    mode: keyof typeof IPVLAN_MODE;
    flag: keyof typeof IPVLAN_FLAG;
    namespace: TargetNamespace;
  },
): NetlinkRequest {
  return create(link, [
    attribute(IFLA.LINK, u32(link.parent)),
    inNamespace(link.namespace),
    linkInfo("ipvlan", [
      attribute(IFLA_IPVLAN_MODE, u16(IPVLAN_MODE[link.mode])),
      attribute(IFLA_IPVLAN_FLAGS, u16(IPVLAN_FLAG[link.flag])),
    ]),
  ]);
}

/** What setLink can change beside "up". */
export type LinkChange = {
  name: string;
  up?: boolean;
  mtu?: number;
  master?: number;
  /** No IPv6 link-local address (as sysctl addr_gen_mode=1): a network without IPv6 stays silent. */
  noLinkLocal?: boolean;
  /** Accept packets from and to 127/8 on this link (sysctl route_localnet, ip-sysctl). */
  routeLocalnet?: boolean;
};

/** Change an existing link, found by its name. */
export function setLink(change: LinkChange): NetlinkRequest {
  const families = [];
  if (change.routeLocalnet)
    families.push(attribute(AF_INET, [attribute(IFLA_INET_CONF, [attribute(IPV4_DEVCONF_ROUTE_LOCALNET, u32(1))])]));
  if (change.noLinkLocal)
    families.push(attribute(AF_INET6, [attribute(IFLA_INET6_ADDR_GEN_MODE, u8(IN6_ADDR_GEN_MODE_NONE))]));
  const attributes = [attribute(IFLA.IFNAME, text(change.name))];
  if (change.mtu !== undefined) attributes.push(attribute(IFLA.MTU, u32(change.mtu)));
  if (change.master !== undefined) attributes.push(attribute(IFLA.MASTER, u32(change.master)));
  if (families.length > 0) attributes.push(attribute(IFLA.AF_SPEC, families));
  return { type: RTM.SETLINK, flags: 0, body: Buffer.concat([ifinfomsg(change), ...attributes]) };
}

/** A bridge port's own settings, bridge(8). */
export type BridgePort = {
  /** Kept from the bridge's other isolated ports. */
  isolated: boolean;
  /** Frames may go out of the port that they came in by: a container reaches itself by a published port. */
  hairpin: boolean;
};

export function setBridgePort(index: number, { isolated, hairpin }: BridgePort): NetlinkRequest {
  const header = ifinfomsg({ index });
  header[0] = AF_BRIDGE;
  const port = attribute(IFLA.PROTINFO | NLA_F_NESTED, [
    attribute(IFLA_BRPORT.MODE, u8(Number(hairpin))),
    attribute(IFLA_BRPORT.ISOLATED, u8(Number(isolated))),
  ]);
  return { type: RTM.SETLINK, flags: 0, body: Buffer.concat([header, port]) };
}

export function deleteLink(name: string): NetlinkRequest {
  return { type: RTM.DELLINK, flags: 0, body: Buffer.concat([ifinfomsg({}), attribute(IFLA.IFNAME, text(name))]) };
}

function create(link: LinkProperties, attributes: Uint8Array[]): NetlinkRequest {
  return {
    type: RTM.NEWLINK,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    body: Buffer.concat([ifinfomsg(link), ...properties(link), ...attributes]),
  };
}

/** struct ifinfomsg: family, pad, type, index, flags, change mask. */
function ifinfomsg(link: { index?: number; up?: boolean }): Uint8Array {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt8(AF_UNSPEC, 0);
  bytes.writeInt32LE(link.index ?? 0, 4);
  if (link.up !== undefined) {
    bytes.writeUInt32LE(link.up ? IFF_UP : 0, 8);
    bytes.writeUInt32LE(IFF_UP, 12);
  }
  return bytes;
}

function properties(link: LinkProperties): Uint8Array[] {
  if (link.name.length === 0 || link.name.length > MAX_INTERFACE_NAME || /[/\s:\0]/.test(link.name))
    throw new RangeError(`no name for an interface: ${JSON.stringify(link.name)}`);
  const attributes = [attribute(IFLA.IFNAME, text(link.name))];
  if (link.mac !== undefined) attributes.push(attribute(IFLA.ADDRESS, macBytes(link.mac)));
  if (link.mtu !== undefined) attributes.push(attribute(IFLA.MTU, u32(link.mtu)));
  return attributes;
}

function linkInfo(kind: string, data: Uint8Array[]): Uint8Array {
  const inner = [attribute(IFLA_INFO.KIND, text(kind))];
  if (data.length > 0) inner.push(attribute(IFLA_INFO.DATA, data));
  return attribute(IFLA.LINKINFO, inner);
}

function inNamespace(target: TargetNamespace): Uint8Array {
  return "fd" in target ? attribute(IFLA.NET_NS_FD, u32(target.fd)) : attribute(IFLA.NET_NS_PID, u32(target.pid));
}
