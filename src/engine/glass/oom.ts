/** The OOM reports of containers that run or have ended. */
import type { OomAnswer, OomReportsAnswer } from "../../wire/glass.ts";
import type { Container } from "../containers/container.ts";
import { hasProcess } from "../containers/live.ts";
import { oomReport, oomReportOf } from "../containers/oom-report.ts";
import type { GlassDeps } from "./surroundings.ts";

/** report: null when the kernel killed nothing in it. Throws not-found. */
export function oomOf(deps: GlassDeps, ref: string): Promise<OomAnswer> {
  return oomOfContainer(deps, deps.store.find(ref));
}

/** Of all containers that there are, those with something to report; newest container first. */
export async function allOoms(deps: GlassDeps): Promise<OomReportsAnswer> {
  const answers = await Promise.all(deps.store.all().map((container) => oomOfContainer(deps, container)));
  return { reports: answers.filter(({ report }) => report !== null).reverse() };
}

async function oomOfContainer({ host }: Pick<GlassDeps, "host">, { record }: Container): Promise<OomAnswer> {
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
