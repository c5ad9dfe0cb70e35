/**
 * Rtnetlink requests as bytes. They travel in the isolation plan; the launcher sends them and waits for each ack.
 * All machines that this runs on are little endian, and so is what is written here.
 */
import { type Address, addressBytes, lastAddress, type Subnet } from "./cidr.ts";
import { align4, attribute, text, u32 } from "./netlink-attributes.ts";
import {
  AF_INET,
  AF_INET6,
  FR_ACT_PROHIBIT,
  FR_ACT_TO_TBL,
  FRA,
  IFA,
  IFA_F_NODAD,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  NLM_F_REQUEST,
  RT_SCOPE_LINK,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
  RTA,
  RTM,
  RTN_UNICAST,
  RTNH_F_ONLINK,
  RTPROT_BOOT,
} from "./netlink-constants.ts";

/** A request without its sequence number: type, flags besides REQUEST and ACK, body. */
export type NetlinkRequest = { type: number; flags: number; body: Uint8Array };

/** Put requests one after the other, with nlmsghdr and sequence numbers from 1 on; every one asks for an ack. */
export function encodeRequests(requests: NetlinkRequest[]): Uint8Array {
  return Buffer.concat(requests.map((request, index) => encodeRequest(request, index + 1)));
}

function encodeRequest(request: NetlinkRequest, sequence: number): Uint8Array {
  const length = 16 + request.body.length;
  const bytes = Buffer.alloc(align4(length));
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt16LE(request.type, 4);
  bytes.writeUInt16LE(NLM_F_REQUEST | NLM_F_ACK | request.flags, 6);
  bytes.writeUInt32LE(sequence, 8);
  bytes.set(request.body, 16);
  return bytes;
}

/**
 * Give an interface an address. IPv6 addresses skip duplicate address detection: IPAM has seen to it, and the first
 * packet need not wait a second.
 */
export function newAddress(index: number, address: Address, subnet: Subnet): NetlinkRequest {
  const bytes = addressBytes(address);
  const attributes = [attribute(IFA.ADDRESS, bytes), attribute(IFA.LOCAL, bytes)];
  if (address.family === 6) attributes.push(attribute(IFA.FLAGS, u32(IFA_F_NODAD)));
  else if (subnet.prefixLength < 31)
    attributes.push(attribute(IFA.BROADCAST, addressBytes({ family: 4, value: lastAddress(subnet) })));
  return {
    type: RTM.NEWADDR,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    body: Buffer.concat([ifaddrmsg(index, address, subnet), ...attributes]),
  };
}

/** A default route through a gateway. */
export function defaultRoute(index: number, gateway: Address): NetlinkRequest {
  return newRoute({ family: gateway.family, index, gateway });
}

export type RouteRequest = {
  family: 4 | 6;
  index: number;
  /** absent: 0/0, the default route */
  destination?: Subnet;
  gateway?: Address;
  source?: Address;
  table?: number;
  /** The gateway is on this link whatever the routes say. */
  onlink?: boolean;
};

export function newRoute(route: RouteRequest): NetlinkRequest {
  const attributes = [attribute(RTA.OIF, u32(route.index))];
  if (route.destination)
    attributes.push(attribute(RTA.DST, addressBytes({ family: route.family, value: route.destination.base })));
  if (route.gateway) attributes.push(attribute(RTA.GATEWAY, addressBytes(route.gateway)));
  if (route.source) attributes.push(attribute(RTA.PREFSRC, addressBytes(route.source)));
  return {
    type: RTM.NEWROUTE,
    flags: NLM_F_CREATE | NLM_F_REPLACE,
    body: Buffer.concat([rtmsg(route), ...attributes]),
  };
}

/** Policy routing (ip-rule(8)): look a table up, or refuse, what comes in by `from` for `destination`. IPv4. */
export type RuleRequest = {
  priority: number;
  action: { lookup: number } | "prohibit";
  destination?: Subnet;
  incoming?: string;
};

export function newRule(rule: RuleRequest): NetlinkRequest {
  return { type: RTM.NEWRULE, flags: NLM_F_CREATE | NLM_F_EXCL, body: ruleBody(rule) };
}

export function deleteRule(rule: RuleRequest): NetlinkRequest {
  return { type: RTM.DELRULE, flags: 0, body: ruleBody(rule) };
}

function ifaddrmsg(index: number, address: Address, subnet: Subnet): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt8(address.family === 4 ? AF_INET : AF_INET6, 0);
  bytes.writeUInt8(subnet.prefixLength, 1);
  bytes.writeUInt8(address.family === 6 ? IFA_F_NODAD : 0, 2);
  bytes.writeUInt32LE(index, 4);
  return bytes;
}

function rtmsg(route: RouteRequest): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt8(route.family === 4 ? AF_INET : AF_INET6, 0);
  bytes.writeUInt8(route.destination?.prefixLength ?? 0, 1);
  bytes.writeUInt8(route.table ?? RT_TABLE_MAIN, 4);
  bytes.writeUInt8(RTPROT_BOOT, 5);
  bytes.writeUInt8(route.gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK, 6);
  bytes.writeUInt8(RTN_UNICAST, 7);
  bytes.writeUInt32LE(route.onlink ? RTNH_F_ONLINK : 0, 8);
  return bytes;
}

/** struct fib_rule_hdr, then attributes. */
function ruleBody(rule: RuleRequest): Uint8Array {
  const header = Buffer.alloc(12);
  header.writeUInt8(AF_INET, 0);
  header.writeUInt8(rule.destination?.prefixLength ?? 0, 1);
  if (rule.action !== "prohibit") header.writeUInt8(rule.action.lookup, 4);
  header.writeUInt8(rule.action === "prohibit" ? FR_ACT_PROHIBIT : FR_ACT_TO_TBL, 7);
  const attributes = [attribute(FRA.PRIORITY, u32(rule.priority))];
  if (rule.destination) attributes.push(attribute(FRA.DST, addressBytes({ family: 4, value: rule.destination.base })));
  if (rule.incoming) attributes.push(attribute(FRA.IIFNAME, text(rule.incoming)));
  return Buffer.concat([header, ...attributes]);
}
