/** Numbers of linux/netlink.h, linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h, linux/veth.h (netlink(7), rtnetlink(7)). */

export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;

/** The messages that we send, by the kernel's names. */
export const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  SETLINK: 19,
  NEWADDR: 20,
  DELADDR: 21,
  NEWROUTE: 24,
  DELROUTE: 25,
  NEWRULE: 32,
  DELRULE: 33,
} as const;

export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_BRIDGE = 7;
export const AF_INET6 = 10;

export const IFF_UP = 0x1;

export const IFLA = {
  ADDRESS: 1,
  IFNAME: 3,
  MTU: 4,
  LINK: 5,
  MASTER: 10,
  PROTINFO: 12,
  LINKINFO: 18,
  NET_NS_PID: 19,
  AF_SPEC: 26,
  NET_NS_FD: 28,
} as const;
/** Inside IFLA_PROTINFO of family AF_BRIDGE. */
export const IFLA_BRPORT = { MODE: 4, ISOLATED: 33 } as const;
/** The kernel's bridge reads a nested IFLA_PROTINFO only if it is marked so. */
export const NLA_F_NESTED = 0x8000;
export const IFLA_INFO = { KIND: 1, DATA: 2 } as const;
export const VETH_INFO_PEER = 1;
export const IFLA_MACVLAN_MODE = 1;
export const IFLA_IPVLAN_MODE = 1;
export const IFLA_IPVLAN_FLAGS = 2;
/** Inside IFLA_AF_SPEC / AF_INET. */
export const IFLA_INET_CONF = 1;
/** IPV4_DEVCONF_* of linux/ip.h. */
export const IPV4_DEVCONF_ROUTE_LOCALNET = 26;
/** Inside IFLA_AF_SPEC / AF_INET6; mode 1 is IN6_ADDR_GEN_MODE_NONE. */
export const IFLA_INET6_ADDR_GEN_MODE = 8;
export const IN6_ADDR_GEN_MODE_NONE = 1;

export const MACVLAN_MODE = { private: 1, vepa: 2, bridge: 4, passthru: 8 } as const;
export const IPVLAN_MODE = { l2: 0, l3: 1, l3s: 2 } as const;
/** Who of one parent hears whom: all, nobody, or all by way of the switch outside. */
export const IPVLAN_FLAG = { bridge: 0, private: 1, vepa: 2 } as const;

export const IFA = { ADDRESS: 1, LOCAL: 2, BROADCAST: 4, FLAGS: 8 } as const;
/** Skip duplicate address detection: the address is usable at once. */
export const IFA_F_NODAD = 0x02;

export const RTA = { DST: 1, OIF: 4, GATEWAY: 5, PRIORITY: 6, PREFSRC: 7 } as const;
export const RT_TABLE_MAIN = 254;
export const RT_TABLE_LOCAL = 255;
export const RTPROT_BOOT = 3;
export const RT_SCOPE_UNIVERSE = 0;
export const RT_SCOPE_LINK = 253;
export const RTN_UNICAST = 1;
export const RTNH_F_ONLINK = 4;

export const FRA = { DST: 1, IIFNAME: 3, PRIORITY: 6 } as const;
export const FR_ACT_TO_TBL = 1;
export const FR_ACT_PROHIBIT = 8;

/** The launcher keeps the container's network namespace on this fd in stage parent (docs/protocol.md). */
export const CONTAINER_NETNS_FD = 64;
