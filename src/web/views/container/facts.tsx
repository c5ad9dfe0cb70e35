import type { LiveEntry } from "../../../wire/glass.ts";
import { isUp, latestOf } from "../../state/live.ts";
import { linkTo } from "../../state/route.ts";
import { short } from "../../text.ts";
import { portWords } from "./words.ts";

/** What it is, in the words of Docker and of the kernel. */
export function Facts({ entry }: { entry: LiveEntry }) {
  const { cloche } = entry;
  const latest = isUp(entry) ? latestOf(entry.Id) : undefined;
  const networks = Object.entries(entry.NetworkSettings.Networks).map(
    ([name, { IPAddress }]) => `${name}${IPAddress ? ` ${IPAddress}` : ""}`,
  );
  const rows: [string, string | undefined, string?][] = [
    ["Image", entry.Image, linkTo("images", entry.Image)],
    ["Command", entry.Command],
    ["PID on the host", cloche.pid?.toString()],
    [
      "Processes",
      latest && `${latest.pids.current}${latest.pids.limit ? ` of ${latest.pids.limit}` : ""} (threads counted)`,
    ],
    ["Ports", portWords(entry).join(", ") || "none"],
    ["Networks", networks.join(", ") || "none"],
    ["Mounts", entry.Mounts.map(({ Destination }) => Destination).join(", ") || "none"],
    ["Restarts", `${cloche.restartPolicy || "no"}${cloche.restartCount ? `, ${cloche.restartCount} so far` : ""}`],
    ["Control group", cloche.cgroupPath.replace(entry.Id, `${short(entry.Id)}…`), linkTo("cgroups", cloche.cgroupPath)],
    ["Id", short(entry.Id)],
  ];
  return (
    <section class="panel">
      <h2>What it is</h2>
      <dl class="facts">
        {rows.map(([label, value, href]) =>
          value === undefined ? null : (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{href ? <a href={href}>{value}</a> : value}</dd>
            </div>
          ),
        )}
      </dl>
    </section>
  );
}
