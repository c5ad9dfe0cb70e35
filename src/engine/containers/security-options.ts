/** `--security-opt`. */
import { EngineError, invalid } from "../errors.ts";

export type SecurityOptions = {
  /** undefined: not said */
  noNewPrivileges: boolean | undefined;
  /** default: the engine's profile; unconfined; else the JSON text of a profile */
  seccomp: "default" | "unconfined" | { profile: string };
  /** systempaths=unconfined: nothing masked, nothing read-only */
  systemPathsUnconfined: boolean;
};

/** @param host which security modules its kernel has switched on. Throws invalid with docker's texts. */
export function parseSecurityOptions(
  options: string[],
  privileged: boolean,
  host: { apparmor: boolean; selinux: boolean },
): SecurityOptions {
  const parsed: SecurityOptions = {
    noNewPrivileges: undefined,
    seccomp: privileged ? "unconfined" : "default",
    systemPathsUnconfined: privileged,
  };
  for (const option of options) {
    if (option === "no-new-privileges") {
      parsed.noNewPrivileges = true;
      continue;
    }
    if (option === "disable") continue; // label=disable of old clients
    const match = /^([a-z-]+)[=:](.*)$/s.exec(option);
    if (!match) throw invalid(`invalid --security-opt 1: "${option}"`);
    const [, key = "", value = ""] = match;
    apply(parsed, key, value, { option, ...host });
  }
  return parsed;
}

function apply(
  parsed: SecurityOptions,
  key: string,
  value: string,
  { option, apparmor, selinux }: { option: string; apparmor: boolean; selinux: boolean },
): void {
  switch (key) {
    case "no-new-privileges":
      if (value !== "true" && value !== "false") throw invalid(`invalid --security-opt 2: "${option}"`);
      parsed.noNewPrivileges = value === "true";
      return;
    case "seccomp":
      parsed.seccomp = seccomp(value, parsed.seccomp);
      return;
    case "systempaths":
      if (value !== "unconfined") throw invalid(`invalid --security-opt 2: "${option}"`);
      parsed.systemPathsUnconfined = true;
      return;
    case "label":
      // Without SELinux a label means nothing, and docker takes it too.
      if (selinux && value !== "disable") throw unsupported("SELinux labels", option);
      return;
    case "apparmor":
      if (apparmor && value !== "unconfined") throw unsupported("AppArmor profiles", option);
      return;
    case "writable-cgroups":
      throw unsupported("writable cgroups", option);
    default:
      throw invalid(`invalid --security-opt 2: "${option}"`);
  }
}

function seccomp(value: string, otherwise: SecurityOptions["seccomp"]): SecurityOptions["seccomp"] {
  if (value === "unconfined") return "unconfined";
  if (value === "builtin") return "default";
  if (value === "") return otherwise;
  try {
    JSON.parse(value);
  } catch (error) {
    throw invalid(`Decoding seccomp profile failed: ${error instanceof Error ? error.message : error}`);
  }
  return { profile: value };
}

const unsupported = (what: string, option: string) =>
  new EngineError("invalid", `${what} are not supported: --security-opt ${option}`);
