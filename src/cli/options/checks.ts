import { isIP } from "node:net";

/** Checks of option texts, in docker's words: each throws, or gives the text to keep. */

export function attach(value: string): string {
  const stream = value.toLowerCase();
  if (!["stdin", "stdout", "stderr"].includes(stream)) throw new Error("valid streams are STDIN, STDOUT and STDERR");
  return stream;
}

/** A name without a value takes the value that it has here, if any. */
export function env(value: string): string {
  if (value === "" || value.startsWith("=")) throw new Error(`invalid environment variable: ${value}`);
  if (value.includes("=")) return value;
  const here = process.env[value];
  return here === undefined ? value : `${value}=${here}`;
}

export function label(value: string): string {
  const key = value.split("=", 1)[0]?.trimStart() ?? "";
  if (key === "") throw new Error(`invalid label '${value}': empty name`);
  if (/\s/.test(key)) throw new Error(`label '${key}' contains whitespaces`);
  return value;
}

export function ipAddress(value: string): string {
  if (!isIP(value.trim())) throw new Error(`IP address is not correctly formatted: ${value}`);
  return value.trim();
}

export function dnsSearch(value: string): string {
  const domain = value.trim();
  if (domain === ".") return domain;
  if (
    !/^(?:[a-zA-Z0-9_](?:[a-zA-Z0-9_-]*[a-zA-Z0-9_])?\.)*[a-zA-Z0-9_](?:[a-zA-Z0-9_-]*[a-zA-Z0-9_])?\.?$/.test(
      domain,
    ) ||
    !/[a-zA-Z]/.test(domain)
  )
    throw new Error(`${value} is not a valid domain`);
  return domain;
}

/** "host:ip" or "host=ip", an address may stand in brackets; kept as host:ip. */
export function extraHost(value: string): string {
  const at = value.search(/[=:]/);
  const host = value.slice(0, at);
  const ip = value.slice(at + 1).replace(/^\[(.*)\]$/, "$1");
  if (at <= 0 || ip === "") throw new Error(`bad format for add-host: ${JSON.stringify(value)}`);
  if (ip !== "host-gateway" && !isIP(ip)) throw new Error(`invalid IP address in add-host: ${JSON.stringify(ip)}`);
  return `${host}:${ip}`;
}

export function link(value: string): string {
  const parts = value.split(":");
  if (value === "") throw new Error("empty string specified for links");
  if (parts.length > 2) throw new Error(`bad format for links: ${value}`);
  return value;
}

export function sysctl(value: string): string {
  const allowed = /^(kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)|net\..*|fs\.mqueue\..*)$/;
  const key = value.split("=", 1)[0] ?? "";
  if (!value.includes("=") || !allowed.test(key)) throw new Error(`sysctl '${value}' is not allowed`);
  return value;
}

export function deviceRule(value: string): string {
  if (!/^[acb] ([0-9]+|\*):([0-9]+|\*) [rwm]{1,3}$/.test(value))
    throw new Error(`invalid device cgroup format '${value}'`);
  return value;
}
