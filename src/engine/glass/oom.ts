/** The OOM report of a container that runs or has ended. */
import type { OomAnswer } from "../../wire/glass.ts";
import { hasProcess } from "../containers/live.ts";
import { oomReport, oomReportOf } from "../containers/oom-report.ts";
import type { GlassDeps } from "./surroundings.ts";

/** report: null when the kernel killed nothing in it. Throws not-found. */
export async function oomOf({ host, store }: GlassDeps, ref: string): Promise<OomAnswer> {
  const { record } = store.find(ref);
  const about = { id: record.id, name: record.name };
  if (!hasProcess(record)) return { ...about, report: oomReportOf(record) ?? null };
  const memory = (await host.cgroup(record.cgroupPath))?.memory;
  if (!memory?.oomKills) return { ...about, report: null };
  const { oomKills: kills, peak, failures: limitHits } = memory;
  return {
    ...about,
    report: oomReport(record, {
      kills,
      ...(peak !== undefined && { peak }),
      ...(limitHits !== undefined && { limitHits }),
    }),
  };
}
