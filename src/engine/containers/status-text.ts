/** What `docker ps` says of a container. */
import type { ContainerRecord } from "./container.ts";

/** @param now milliseconds since the epoch */
export function statusText({ state }: Pick<ContainerRecord, "state">, now: number): string {
  const since = (moment: string) => humanDuration((now - Date.parse(moment)) / 1000);
  switch (state.status) {
    case "running":
      return `Up ${since(state.startedAt)}${healthText(state.health?.Status)}`;
    case "paused":
      return `Up ${since(state.startedAt)} (Paused)`;
    case "restarting":
      return `Restarting (${state.exitCode}) ${since(state.finishedAt)} ago`;
    case "removing":
      return "Removal In Progress";
    case "dead":
      return "Dead";
    case "created":
      return "Created";
    default:
      return state.finishedAt.startsWith("0001") ? "" : `Exited (${state.exitCode}) ${since(state.finishedAt)} ago`;
  }
}

function healthText(status: string | undefined): string {
  if (status === undefined || status === "none") return "";
  return status === "starting" ? " (health: starting)" : ` (${status})`;
}

/** go-units' HumanDuration. @param seconds negative (a clock that was set back) counts as none */
export function humanDuration(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 1) return "Less than a second";
  if (whole === 1) return "1 second";
  if (whole < 60) return `${whole} seconds`;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.round(seconds / 3600);
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(seconds / 3600 / 24 / 365)} years`;
}
