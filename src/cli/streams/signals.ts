import type { Cli } from "../cli.ts";
import { isNotFound } from "../errors.ts";

/** What a client may be sent and its container should get. CHLD, PIPE and URG are our own business. */
const FORWARDED = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGTERM",
  "SIGCONT",
  "SIGWINCH",
] as const;

/** Sends the signals that we get to a container instead. @returns a function that ends it */
export function forwardSignals(cli: Cli, id: string): () => void {
  const forward = (signal: NodeJS.Signals) => {
    cli.engine
      .open("POST", `/containers/${id}/kill`, { query: { signal: signal.slice("SIG".length) } })
      .then((reply) => reply.resume())
      .catch((error: unknown) => {
        if (!isNotFound(error)) return;
      });
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  return () => {
    for (const signal of FORWARDED) process.off(signal, forward);
  };
}
