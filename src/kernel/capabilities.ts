/** Capabilities by name and number (capabilities(7), linux/capability.h). */

/** Index = number; CAP_CHECKPOINT_RESTORE (40, Linux 5.9) is the newest. */
export const capabilityNames: readonly string[] = [
  "CHOWN",
  "DAC_OVERRIDE",
  "DAC_READ_SEARCH",
  "FOWNER",
  "FSETID",
  "KILL",
  "SETGID",
  "SETUID",
  "SETPCAP",
  "LINUX_IMMUTABLE",
  "NET_BIND_SERVICE",
  "NET_BROADCAST",
  "NET_ADMIN",
  "NET_RAW",
  "IPC_LOCK",
  "IPC_OWNER",
  "SYS_MODULE",
  "SYS_RAWIO",
  "SYS_CHROOT",
  "SYS_PTRACE",
  "SYS_PACCT",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_NICE",
  "SYS_RESOURCE",
  "SYS_TIME",
  "SYS_TTY_CONFIG",
  "MKNOD",
  "LEASE",
  "AUDIT_WRITE",
  "AUDIT_CONTROL",
  "SETFCAP",
  "MAC_OVERRIDE",
  "MAC_ADMIN",
  "SYSLOG",
  "WAKE_ALARM",
  "BLOCK_SUSPEND",
  "AUDIT_READ",
  "PERFMON",
  "BPF",
  "CHECKPOINT_RESTORE",
];

/**
 * One capability as people write it: any case, with or without CAP_.
 * @returns the name without CAP_ ("NET_ADMIN"), or "ALL" for all of them.
 * @throws Error when Linux has no such capability.
 */
export function parseCapability(text: string): string {
  const name = text.toUpperCase().replace(/^CAP_/, "");
  if (name !== "ALL" && !capabilityNames.includes(name)) throw new Error(`unknown capability: "${text}"`);
  return name;
}

/** A list as people write it to names in the order of their numbers; ALL stands for every one. */
export function parseCapabilities(texts: readonly string[]): string[] {
  const names = new Set(texts.map(parseCapability));
  return names.has("ALL") ? [...capabilityNames] : capabilityNames.filter((name) => names.has(name));
}

/** @returns bit n set for capability n. @throws Error on an unknown name. */
export function capabilityMask(names: readonly string[]): bigint {
  return names.reduce((mask, name) => {
    const number = capabilityNames.indexOf(parseCapability(name));
    if (number < 0) throw new Error(`"${name}" is not one capability`);
    return mask | (1n << BigInt(number));
  }, 0n);
}

/** Names of the bits of a mask, for what /proc/PID/status shows; bits that have no name yet come as "CAP_41". */
export function capabilitiesOfMask(mask: bigint): string[] {
  const names: string[] = [];
  for (let number = 0; mask >> BigInt(number) > 0n; number++) {
    if ((mask >> BigInt(number)) & 1n) names.push(capabilityNames[number] ?? `CAP_${number}`);
  }
  return names;
}
