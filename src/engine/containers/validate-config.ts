/** Checks of a container's Config, with docker's texts. */
import { posix } from "node:path";
import { parseSignal } from "../../kernel/signals.ts";
import type { ContainerConfig, HealthConfig } from "../../wire/container.ts";
import { invalid } from "../errors.ts";

/** Throws invalid. */
export function validateConfig(config: ContainerConfig): void {
  for (const entry of config.Env) {
    if (entry === "" || entry.startsWith("=")) throw invalid(`invalid environment variable: ${entry}`);
    if (entry.includes("\0")) throw invalid(`invalid environment variable: ${JSON.stringify(entry)}`);
  }
  for (const word of [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])]) {
    if (word.includes("\0")) throw invalid(`invalid argument: ${JSON.stringify(word)}`);
  }
  if (config.WorkingDir !== "" && !posix.isAbsolute(config.WorkingDir)) {
    throw invalid(`the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`);
  }
  if (config.StopSignal) checkSignal(config.StopSignal);
  if (config.Healthcheck) validateHealthcheck(config.Healthcheck);
  validateHostname(config);
}

function checkSignal(text: string): void {
  try {
    parseSignal(text);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

/** sethostname(2) takes 64 bytes; a newline would break /etc/hosts. */
function validateHostname({ Hostname, Domainname }: ContainerConfig): void {
  if (/[\s\0]/.test(Hostname) || Buffer.byteLength(Hostname) > 64)
    throw invalid(`invalid hostname format: ${JSON.stringify(Hostname)}`);
  if (/[\s\0]/.test(Domainname) || Buffer.byteLength(Domainname) > 64)
    throw invalid(`invalid domainname format: ${JSON.stringify(Domainname)}`);
}

const MILLISECOND = 1_000_000;

function validateHealthcheck(health: HealthConfig): void {
  for (const name of ["Interval", "Timeout", "StartPeriod", "StartInterval"] as const) {
    const value = health[name] ?? 0;
    if (value !== 0 && value < MILLISECOND) throw invalid(`${name} in Healthcheck cannot be less than 1ms`);
  }
  if ((health.Retries ?? 0) < 0) throw invalid("Retries in Healthcheck cannot be negative");
}
