/**
 * The glass API's answers as schemas, for its OpenAPI description. The types with their comments are in ../glass.ts: that each
 * schema is of its type is checked by the compiler (`agreed` below), that answers fit by a test.
 */
import { type Static, Type } from "typebox";
import type * as glass from "../glass.ts";
import { NAMESPACES } from "../glass.ts";
import {
  ContainersMessage,
  DockerEvent,
  Hello,
  HistoryAnswer,
  ProcessesMessage,
  SamplesMessage,
  Trouble,
} from "./live-schemas.ts";
import { bool, list, may, names, number, object, pids, pressure, text, words } from "./parts.ts";

const op = Type.Unsafe<{ op: string } & Record<string, unknown>>({
  type: "object",
  required: ["op"],
  properties: { op: { type: "string" } },
});
const planRow = object({
  index: number(),
  stage: text(),
  op,
  sentence: text(),
  manPage: text(),
  shell: text(),
  dependsOn: may(text()),
  microseconds: may(number()),
});
const PlanAnswer = object({
  id: text(),
  name: text(),
  ran: bool(),
  startedAt: may(text()),
  operations: number(),
  microseconds: may(number()),
  phases: list(object({ stage: text(), phase: text(), microseconds: may(number()), rows: list(planRow) })),
});

const kind = words(...NAMESPACES);
const ids = object({ outside: number(), inside: may(number()) });
const process = object({
  pid: number(),
  ppid: number(),
  pids: list(object({ pid: number(), namespace: may(number()) })),
  command: text(),
  state: text(),
  user: ids,
  group: ids,
  namespaces: list(object({ kind, inode: number(), host: bool(), with: names })),
  cgroups: list(object({ controllers: text(), path: text() })),
  capabilities: object({ effective: names, permitted: names, bounding: names, inheritable: names, ambient: names }),
  seccomp: object({ mode: words("none", "strict", "filter"), filters: number() }),
  noNewPrivileges: bool(),
  threads: number(),
  memory: number(),
  cpuMilliseconds: number(),
  startTime: number(),
});
const MapAnswer = object({ id: text(), name: text(), status: text(), reason: may(text()), processes: list(process) });
const WhoisAnswer = object({
  process,
  owner: object({
    kind: words("host", "cloche", "docker", "podman", "kubernetes", "containerd", "lxc", "nspawn", "unknown"),
    id: may(text()),
    name: may(text()),
    pod: may(text()),
    because: text(),
  }),
  isolation: list(object({ what: text(), holds: bool(), detail: text() })),
  limits: list(object({ name: text(), file: text(), value: text(), at: text() })),
});
const NamespacesAnswer = object({
  namespaces: list(
    object({
      kind,
      inode: number(),
      host: bool(),
      processes: number(),
      first: object({ pid: number(), command: text() }),
      owners: names,
    }),
  ),
  unreadable: number(),
});

const node = object({
  path: text(),
  owner: may(text()),
  processes: number(),
  cpu: may(
    object({
      usage: number(),
      quota: may(number()),
      period: may(number()),
      periods: may(number()),
      throttledPeriods: may(number()),
      throttled: may(number()),
    }),
  ),
  memory: may(
    object({
      usage: number(),
      limit: may(number()),
      peak: may(number()),
      failures: may(number()),
      oomKills: may(number()),
      inactiveFile: may(number()),
    }),
  ),
  pids: may(pids),
  io: may(object({ read: number(), written: number() })),
  pressure: may(pressure),
});
const CgroupsAnswer = object({
  version: words("v1", "v2"),
  at: number(),
  cpus: number(),
  noPressure: may(text()),
  files: list(object({ number: text(), v1: text(), v2: text() })),
  nodes: list(node),
});

const report = object({
  kills: number(),
  running: bool(),
  finishedAt: may(text()),
  limit: may(number()),
  peak: may(number()),
  limitHits: may(number()),
  cgroup: object({ which: words("own", "above", "unknown"), path: text(), because: text() }),
  first: object({
    pidOutside: may(number()),
    pidInside: number(),
    command: text(),
    fate: words("survived", "killed", "running", "unknown"),
  }),
  victims: text(),
  exitCode: may(number()),
  exit: text(),
  unknown: names,
});
const OomAnswer = object({ id: text(), name: text(), report: Type.Union([report, Type.Null()]) });
const OomReportsAnswer = object({ reports: list(OomAnswer) });

const LabAnswer = object({ lab: bool(), steps: list(object({ name: text(), leaks: text(), look: text() })) });

export const SCHEMAS = {
  PlanAnswer,
  MapAnswer,
  WhoisAnswer,
  NamespacesAnswer,
  CgroupsAnswer,
  OomAnswer,
  OomReportsAnswer,
  HistoryAnswer,
  LabAnswer,
  Hello,
  ContainersMessage,
  SamplesMessage,
  ProcessesMessage,
  DockerEvent,
  Trouble,
};

/** What each schema describes. */
type Types = {
  PlanAnswer: glass.PlanAnswer;
  MapAnswer: glass.MapAnswer;
  WhoisAnswer: glass.WhoisAnswer;
  NamespacesAnswer: glass.NamespacesAnswer;
  CgroupsAnswer: glass.CgroupsAnswer;
  OomAnswer: glass.OomAnswer;
  OomReportsAnswer: glass.OomReportsAnswer;
  HistoryAnswer: glass.HistoryAnswer;
  LabAnswer: glass.LabAnswer;
  Hello: glass.Hello;
  ContainersMessage: glass.ContainersMessage;
  SamplesMessage: glass.SamplesMessage;
  ProcessesMessage: glass.ProcessesMessage;
  DockerEvent: glass.DockerEvent;
  Trouble: glass.StreamMessages["trouble"];
};
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
/** Names of those that do not agree: none, or this does not compile. */
type Different = {
  [K in keyof Types]: Same<Static<(typeof SCHEMAS)[K]>, Types[K]> extends true ? never : K;
}[keyof Types];
export const agreed: [Different] extends [never] ? true : Different = true;
