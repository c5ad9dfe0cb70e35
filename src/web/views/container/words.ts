import type { LiveEntry } from "../../../wire/glass.ts";
import type { JarState } from "../../parts/jar.tsx";
import { beat } from "../../state/live.ts";
import { span } from "../../text.ts";

export type { LiveEntry };

/** As its jar shows it. */
export function jarOf({ State, cloche }: LiveEntry): JarState {
  if (State === "running" || State === "paused" || State === "created" || State === "restarting") return State;
  return cloche.oomKilled ? "killed" : "ended";
}

/** "up 3 min", "ended with 1, killed for memory, 2 min ago" */
export function stateWords(entry: LiveEntry): string {
  beat.value; // time passes
  const { State, cloche } = entry;
  const since = (time: string | undefined) => span((Date.now() - Date.parse(time ?? "")) / 1000);
  if (State === "running") {
    const health = cloche.health === "none" ? "" : `, ${cloche.health}`;
    return `up ${since(cloche.startedAt)}${health}`;
  }
  if (State === "paused") return "paused: its processes are frozen";
  if (State === "created") return cloche.error ? `could not start: ${cloche.error}` : "made, never started";
  if (State === "restarting") return `restarting (${cloche.restartCount} so far)`;
  const oom = cloche.oomKilled ? ", out of memory" : "";
  return `ended with ${cloche.exitCode}${oom}, ${since(cloche.finishedAt)} ago`;
}

/** "127.0.0.1:8080 → 80/tcp" */
export function portWords(entry: LiveEntry): string[] {
  return entry.Ports.map(({ IP, PublicPort, PrivatePort, Type }) =>
    PublicPort === undefined ? `${PrivatePort}/${Type}` : `${IP ? `${IP}:` : ""}${PublicPort} → ${PrivatePort}/${Type}`,
  );
}
