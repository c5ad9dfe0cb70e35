import { beat, hello, host } from "../state/live.ts";
import { bytes, percent } from "../text.ts";
import { Meter } from "./meter.tsx";

/** The host, in two bars: it is what all containers share. */
export function HostCard() {
  beat.value;
  const now = host.value;
  const about = hello.value;
  if (!now || !about) return null;
  const used = now.memory.total - now.memory.available;
  return (
    <section class="host-card" aria-label="The host">
      <h2>
        The host <small>cgroup {about.cgroupVersion}</small>
      </h2>
      <Meter
        label={`${now.cpus} CPUs`}
        words={now.cpu === undefined ? "…" : percent(now.cpu)}
        share={(now.cpu ?? 0) / 100}
      />
      <Meter
        label={bytes(now.memory.total)}
        words={`${bytes(used)} used`}
        share={used / now.memory.total}
        tone="glass"
      />
    </section>
  );
}
