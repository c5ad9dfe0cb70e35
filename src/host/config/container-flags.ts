/** Options for what containers and networks get that do not say otherwise: dockerd's --dns, --default-ulimit and the like. */
import { isIP } from "node:net";
import type { ContainerDefaults } from "../../engine/containers/deps.ts";
import type { AddressPool } from "../../engine/networks/choose-subnet.ts";
import { parseCidr } from "../../kernel/cidr.ts";
import { bytesFromText } from "../../wire/size.ts";
import { ulimitOf } from "../../wire/ulimit.ts";
import { OptionError } from "./option-error.ts";

export const CONTAINER_FLAGS = {
  dns: { type: "string", multiple: true, help: "DNS server of containers that name none (repeatable)" },
  "dns-opt": { type: "string", multiple: true, help: "option of their resolv.conf (repeatable)" },
  "dns-search": { type: "string", multiple: true, help: "domain they search (repeatable)" },
  "default-ulimit": { type: "string", multiple: true, help: "ulimit of containers, as nofile=1024:2048 (repeatable)" },
  "default-shm-size": { type: "string", help: "size of containers' /dev/shm (default 64m)" },
  "default-ipc-mode": { type: "string", help: "private or shareable (default private)" },
  "default-cgroupns-mode": { type: "string", help: "private or host (default: private with cgroup v2, else host)" },
  init: { type: "boolean", help: "give containers an init as PID 1 that forwards signals and reaps processes" },
  "no-new-privileges": { type: "boolean", help: "set no_new_privs on containers that do not set it otherwise" },
  ip: { type: "string", help: "host address of ports published on the default network (default: all addresses)" },
  icc: { type: "string", help: "false: containers of the default network cannot reach each other (default true)" },
  mtu: { type: "string", help: "MTU of the default network (default 1500)" },
  "default-address-pool": {
    type: "string",
    multiple: true,
    help: "base=10.200.0.0/16,size=24: subnets of networks that name none are cut from it (repeatable)",
  },
} as const;

export type ContainerOptions = {
  dns: string[];
  dnsOptions: string[];
  dnsSearch: string[];
  defaults: ContainerDefaults;
  /** host address of ports published on the default network; "": all */
  ip: string;
  /** Containers of the default network reach each other. */
  icc: boolean;
  /** of the default network; 0: the usual one */
  mtu: number;
  /** none: docker's own */
  addressPools: AddressPool[];
};

type Given = {
  [name in keyof typeof CONTAINER_FLAGS]?:
    | ((typeof CONTAINER_FLAGS)[name] extends { type: "boolean" }
        ? boolean
        : (typeof CONTAINER_FLAGS)[name] extends { multiple: true }
          ? string[]
          : string)
    | undefined;
};

/** @throws OptionError for a value that cannot be */
export function containerOptions(given: Given): ContainerOptions {
  return {
    dns: (given.dns ?? []).map((address) => ipAddress("dns", address)),
    dnsOptions: given["dns-opt"] ?? [],
    dnsSearch: given["dns-search"] ?? [],
    defaults: {
      ulimits: (given["default-ulimit"] ?? []).map((text) => within("default-ulimit", () => ulimitOf(text))),
      shmSize: within("default-shm-size", () => bytesFromText(given["default-shm-size"] ?? "0")),
      ipcMode: oneOf("default-ipc-mode", given["default-ipc-mode"], ["private", "shareable"]),
      cgroupnsMode: oneOf("default-cgroupns-mode", given["default-cgroupns-mode"], ["private", "host"]),
      init: given.init ?? false,
      noNewPrivileges: given["no-new-privileges"] ?? false,
    },
    ip: given.ip === undefined ? "" : ipAddress("ip", given.ip),
    icc: oneOf("icc", given.icc, ["true", "false"]) !== "false",
    mtu: mtu(given.mtu),
    addressPools: (given["default-address-pool"] ?? []).map(addressPool),
  };
}

function ipAddress(flag: string, text: string): string {
  if (isIP(text) === 0) throw new OptionError(`--${flag}: ${text} is not an ip address`);
  return text;
}

/** @returns 0 for none given */
function mtu(text = "0"): number {
  const value = Number(text);
  // RFC 791: the least that every link has to carry.
  if (!Number.isInteger(value) || (value !== 0 && (value < 68 || value > 65_535)))
    throw new OptionError(`--mtu ${text}: a number of bytes from 68 to 65535 is expected`);
  return value;
}

function addressPool(text: string): AddressPool {
  const parts = Object.fromEntries(text.split(",").map((part) => part.split("=", 2)));
  const base = parseCidr(String(parts.base ?? ""))?.subnet;
  const prefixLength = Number(parts.size);
  if (base?.family !== 4 || !Number.isInteger(prefixLength))
    throw new OptionError(`invalid default address pool: ${text} (base=IPV4SUBNET,size=PREFIXLENGTH is expected)`);
  if (prefixLength < base.prefixLength || prefixLength > 30)
    throw new OptionError(
      `invalid default address pool: ${text}: the size is the prefix length of a network, from ${base.prefixLength} to 30`,
    );
  return { base: String(parts.base), prefixLength };
}

function oneOf<T extends string>(flag: string, text: string | undefined, values: readonly T[]): T | "" {
  const value = values.find((one) => one === text);
  if (text !== undefined && value === undefined)
    throw new OptionError(`--${flag} can be ${values.join(" or ")}, not "${text}"`);
  return value ?? "";
}

function within<T>(flag: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new OptionError(`--${flag}: ${(error as Error).message}`);
  }
}
