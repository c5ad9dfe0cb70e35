import { int, text, type Values } from "../flags/flag.ts";

export const stopFlags = {
  signal: text("signal,s", "Signal to send to the container"),
  timeout: int("timeout,t", "Seconds to wait before killing the container"),
  time: int("time", "Seconds to wait before killing the container", { hidden: true }),
};

export const stopQuery = (flags: Values<typeof stopFlags>, given: ReadonlySet<string>) => ({
  signal: flags.signal || undefined,
  t: given.has("timeout") ? flags.timeout : given.has("time") ? flags.time : undefined,
});
