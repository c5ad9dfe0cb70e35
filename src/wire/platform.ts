/** Platforms as OCI and docker's --platform name them: linux/arm64/v8. */
import { InvalidInput } from "../lib/invalid-input.ts";

export type Platform = { os: string; architecture: string; variant?: string };

const ARCHITECTURES: Record<string, { architecture: string; variant?: string }> = {
  i386: { architecture: "386" },
  x86_64: { architecture: "amd64" },
  "x86-64": { architecture: "amd64" },
  aarch64: { architecture: "arm64" },
  armhf: { architecture: "arm", variant: "v7" },
  armel: { architecture: "arm", variant: "v6" },
};
const KNOWN_ARCHITECTURES = [
  ...["386", "amd64", "arm", "arm64", "loong64", "mips64le", "mips64", "mips", "mipsle"],
  ...["ppc64", "ppc64le", "riscv64", "s390x", "wasm"],
];
const KNOWN_OS = [
  ...["aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "js"],
  ...["linux", "netbsd", "openbsd", "plan9", "solaris", "wasi", "windows"],
];

/** @param arch Node's process.arch */
export function hostPlatform(arch: string): Platform {
  const architecture = { x64: "amd64", ia32: "386", ppc64: "ppc64le" }[arch] ?? arch;
  return normalise({ os: "linux", architecture });
}

/**
 * Parse `os`, `arch`, `os/arch` or `os/arch/variant`; what is missing comes from the host.
 * @throws InvalidInput with containerd's text
 */
export function parsePlatform(text: string, host: Platform): Platform {
  const parts = text.toLowerCase().split("/");
  if (parts.length > 3 || parts.some((part) => !/^[a-z0-9_.-]+$/.test(part))) {
    throw new InvalidInput(`"${text}": invalid platform specifier: invalid argument`);
  }
  const [first = "", second, variant] = parts;
  if (second !== undefined) return normalise({ os: first, architecture: second, ...(variant ? { variant } : {}) });
  if (KNOWN_OS.includes(first)) return { ...host, os: first };
  const alone = normalise({ os: host.os, architecture: first });
  if (KNOWN_ARCHITECTURES.includes(alone.architecture)) return alone;
  throw new InvalidInput(`"${text}": unknown operating system or architecture: invalid argument`);
}

/** The normal form: aarch64 is arm64, arm without a variant is v7, arm64/v8 is plain arm64. */
export function normalise({ os, architecture, variant }: Platform): Platform {
  const alias = ARCHITECTURES[architecture];
  const arch = alias?.architecture ?? architecture;
  let chosen = variant || alias?.variant;
  if (arch === "arm64" && (chosen === "v8" || chosen === "8")) chosen = undefined;
  if (arch === "amd64" && chosen === "v1") chosen = undefined;
  if (arch === "arm") chosen = chosen === undefined ? "v7" : chosen.startsWith("v") ? chosen : `v${chosen}`;
  return { os, architecture: arch, ...(chosen ? { variant: chosen } : {}) };
}

/** linux/arm64, linux/arm/v7 */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join("/");
}

/**
 * The best of the offered platforms for the wanted one; -1 if none can run on it. An exact match comes first, then
 * (as 32 bit arm runs down the line) lower variants, highest first.
 */
export function choosePlatform(offered: (Platform | undefined)[], wanted: Platform): number {
  const want = normalise(wanted);
  let best = -1;
  let bestScore = 0;
  offered.forEach((platform, index) => {
    const score = platform === undefined ? 0 : fitness(normalise(platform), want);
    if (score > bestScore) {
      best = index;
      bestScore = score;
    }
  });
  return best;
}

function fitness(offer: Platform, want: Platform): number {
  if (offer.os !== want.os || offer.architecture !== want.architecture) return 0;
  if (offer.variant === want.variant) return 100;
  const have = variantNumber(offer);
  const limit = variantNumber(want);
  return have <= limit ? 1 + have : 0;
}

function variantNumber({ architecture, variant }: Platform): number {
  const base = architecture === "arm64" ? 8 : architecture === "amd64" ? 1 : 0;
  return variant === undefined ? base : Number.parseInt(variant.replace(/^v/, ""), 10) || 0;
}
