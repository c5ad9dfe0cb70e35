import type { HostSample } from "../../wire/glass.ts";
import type { HostCpu, HostMeter } from "../ports.ts";

/** Each call is a sample of the host; its CPU use is since the call before. */
export function createHostSamples({ host, now }: { host: HostMeter; now: () => number }) {
  let before: HostCpu | undefined;
  return (): { sample: HostSample; cpu: HostCpu } => {
    const { cpu, memory, load, pressure } = host.now();
    const total = before === undefined ? 0 : cpu.total - before.total;
    const idle = before === undefined ? 0 : cpu.idle - before.idle;
    before = cpu;
    const busy = Math.min(100, Math.max(0, (1 - idle / total) * 100));
    return {
      cpu,
      sample: {
        at: now(),
        cpus: cpu.online,
        ...(total > 0 && { cpu: busy }),
        memory,
        load,
        ...(pressure && { pressure }),
      },
    };
  };
}
