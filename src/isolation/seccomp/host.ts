import type { RuleScope, SeccompProfile } from "./profile.ts";

/** Machines that filters are made for, as uname(2) calls them. */
export type SeccompArch = "x86_64" | "aarch64";

/** What a profile's conditions are asked about. */
export type SeccompHost = {
  arch: SeccompArch;
  /** The container's bounding set, names with or without CAP_. */
  capabilities: readonly string[];
  /** Release as uname(2) has it: "6.1.0-21-amd64". */
  kernel: string;
};

/** @returns undefined for a machine without tables here. @param nodeArch process.arch */
export function seccompArch(nodeArch: string): SeccompArch | undefined {
  return nodeArch === "x64" ? "x86_64" : nodeArch === "arm64" ? "aarch64" : undefined;
}

const goNames: Record<SeccompArch, string> = { x86_64: "amd64", aarch64: "arm64" };
export const nativeArchitecture: Record<SeccompArch, string> = {
  x86_64: "SCMP_ARCH_X86_64",
  aarch64: "SCMP_ARCH_AARCH64",
};

/** The architectures of a profile on this host: its own always, and those that the profile adds. */
export function architecturesOf(profile: SeccompProfile, arch: SeccompArch): Set<string> {
  const native = nativeArchitecture[arch];
  const mapped = profile.archMap?.find(({ architecture }) => architecture === native)?.subArchitectures ?? [];
  return new Set([native, ...mapped, ...(profile.architectures ?? [])]);
}

/** Whether a rule with these scopes holds on the host. */
export function ruleHolds(includes: RuleScope = {}, excludes: RuleScope = {}, host: SeccompHost): boolean {
  const has = (capability: string) => {
    const bare = (name: string) => name.replace(/^CAP_/, "");
    return host.capabilities.some((name) => bare(name) === bare(capability));
  };
  const arch = goNames[host.arch];
  if (includes.arches?.length && !includes.arches.includes(arch)) return false;
  if (excludes.arches?.includes(arch)) return false;
  if (!(includes.caps ?? []).every(has)) return false;
  if ((excludes.caps ?? []).some(has)) return false;
  if (includes.minKernel && !kernelAtLeast(host.kernel, includes.minKernel)) return false;
  return !(excludes.minKernel && kernelAtLeast(host.kernel, excludes.minKernel));
}

/** Compares major.minor, as docker does. */
function kernelAtLeast(release: string, wanted: string): boolean {
  const [major = 0, minor = 0] = release.split(/[.-]/).map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
