/** The glass: what containers are made of and what the host sees of them. Nothing here changes anything. */
import { byHand } from "../../isolation/by-hand/index.ts";
import type { CgroupVersion } from "../../isolation/spec.ts";
import type { CreateRequest } from "../../wire/decode-container.ts";
import type { PlanAnswer } from "../../wire/glass.ts";
import { labAnswer } from "../containers/lab.ts";
import { cgroupTree } from "./cgroups.ts";
import { type DryRunDeps, dryRun } from "./dry-run.ts";
import { listNamespaces, mapContainer, whois } from "./map.ts";
import { allOoms, oomOf } from "./oom.ts";
import { planAnswer, planOf } from "./plan-answer.ts";
import type { GlassHost } from "./ports.ts";

export type Glass = ReturnType<typeof createGlass>;

/** @param deps those of the containers, the host to look at, and the volumes that are there */
export function createGlass(deps: DryRunDeps & { host: GlassHost }) {
  const version: CgroupVersion = deps.cgroups.layout.version;
  return {
    plan(ref: string): PlanAnswer {
      const { record } = deps.store.find(ref);
      const { plan, timings } = planOf(record);
      const about = { id: record.id, name: record.name, ran: true, startedAt: record.state.startedAt };
      return planAnswer(about, plan, timings);
    },
    /** Throws what create and start would throw. */
    async dryRun(request: CreateRequest & { name: string; platform?: string | undefined }): Promise<PlanAnswer> {
      const { plan, name } = await dryRun(deps, request);
      return planAnswer({ id: "", name, ran: false }, plan);
    },
    /** A shell script that makes an equal container by hand. */
    script(ref: string): string {
      const { record } = deps.store.find(ref);
      return byHand(planOf(record).plan, record);
    },
    async dryRunScript(request: CreateRequest & { name: string; platform?: string | undefined }): Promise<string> {
      const { plan, name, cgroupPath } = await dryRun(deps, request);
      return byHand(plan, { name, cgroupPath });
    },
    map: (ref: string) => mapContainer(deps, ref),
    whois: (pid: string) => whois(deps, pid),
    oom: (ref: string) => oomOf(deps, ref),
    ooms: () => allOoms(deps),
    lab: () => labAnswer(deps.settings.lab ?? false),
    namespaces: () => listNamespaces(deps),
    cgroups: () => cgroupTree(deps, version),
  };
}
