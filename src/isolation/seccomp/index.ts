/** Seccomp: a profile (docker's default or a user's JSON) to the program that the launcher loads. */
export { allows } from "./allows.ts";
export { compileSeccomp } from "./compile.ts";
export { decodeSeccompProfile } from "./decode.ts";
export { defaultSeccompProfile } from "./default-profile.ts";
export { type SeccompArch, type SeccompHost, seccompArch } from "./host.ts";
export type { SeccompProfile } from "./profile.ts";
