import type { Cli } from "../cli.ts";
import type { Hijacked } from "../engine/connection.ts";

export type AttachOptions = { stdin: boolean; stdout: boolean; stderr: boolean; detachKeys: string; logs?: boolean };

/** Takes over a connection to a container's streams; nothing is copied yet. */
export function attachContainer(cli: Cli, id: string, options: AttachOptions): Promise<Hijacked> {
  return cli.engine.hijack(`/containers/${id}/attach`, {
    query: {
      stream: true,
      stdin: options.stdin || undefined,
      stdout: options.stdout || undefined,
      stderr: options.stderr || undefined,
      logs: options.logs || undefined,
      detachKeys: options.detachKeys || undefined,
    },
    headers: { "Content-Type": "text/plain" },
  });
}
