/** Messages of the stream and histories: ../glass-live.ts. */
import { Type } from "typebox";
import type * as glass from "../glass.ts";
import { bool, list, may, names, number, object, pids, pressure, record, text, words } from "./parts.ts";

const sample = object({
  id: text(),
  at: number(),
  cpu: object({
    usage: number(),
    user: number(),
    system: number(),
    cores: may(number()),
    ofHost: may(number()),
    limit: may(number()),
    ofLimit: may(number()),
    periods: number(),
    throttledPeriods: number(),
    throttled: number(),
    throttledShare: may(number()),
  }),
  memory: object({
    usage: number(),
    workingSet: number(),
    limit: may(number()),
    ofLimit: may(number()),
    ofHost: number(),
    peak: may(number()),
    oomKills: may(number()),
    anonymous: may(number()),
    file: may(number()),
    kernel: may(number()),
  }),
  pids,
  io: object({
    read: number(),
    written: number(),
    reads: number(),
    writes: number(),
    readRate: may(number()),
    writtenRate: may(number()),
  }),
  network: may(
    object({
      received: number(),
      sent: number(),
      packetsReceived: number(),
      packetsSent: number(),
      receivedRate: may(number()),
      sentRate: may(number()),
    }),
  ),
  pressure: may(pressure),
});
export const HistoryAnswer = object({ id: text(), name: text(), samples: list(sample), reason: may(text()) });
export const SamplesMessage = object({
  at: number(),
  host: object({
    at: number(),
    cpus: number(),
    cpu: may(number()),
    memory: object({ total: number(), available: number() }),
    load: Type.Tuple([number(), number(), number()]),
    pressure: may(pressure),
  }),
  containers: list(sample),
});
export const Hello = object({
  topics: names,
  at: number(),
  cpus: number(),
  memory: number(),
  cgroupVersion: words("v1", "v2"),
  tick: number(),
  lab: bool(),
});
const limits = object({
  nanoCpus: may(number()),
  cpuShares: may(number()),
  cpusetCpus: may(text()),
  memory: may(number()),
  memoryReservation: may(number()),
  memorySwap: may(number()),
  pids: may(number()),
  blkioWeight: may(number()),
});
const cloche = object({
  pid: may(number()),
  cgroupPath: text(),
  startedAt: may(text()),
  finishedAt: may(text()),
  exitCode: number(),
  error: text(),
  oomKilled: bool(),
  health: words("none", "starting", "healthy", "unhealthy"),
  tty: bool(),
  openStdin: bool(),
  autoRemove: bool(),
  restartPolicy: text(),
  restartCount: number(),
  limits,
});
/** Docker's own fields are docker's to describe: ContainerSummary of its API. */
const entry = Type.Unsafe<glass.LiveEntry>({
  type: "object",
  required: ["Id", "Names", "State", "cloche"],
  properties: {
    Id: { type: "string" },
    Names: { type: "array", items: { type: "string" } },
    State: { type: "string" },
    cloche,
  },
});
export const ContainersMessage = object({ full: bool(), containers: list(entry), gone: names });
export const ProcessesMessage = object({
  full: bool(),
  processes: list(
    object({
      pid: number(),
      ppid: number(),
      pids: list(number()),
      uid: number(),
      user: text(),
      command: text(),
      startedAt: number(),
      owner: text(),
      container: may(text()),
    }),
  ),
  gone: list(number()),
  unreadable: number(),
});
export const DockerEvent = object({
  Type: text(),
  Action: text(),
  Actor: object({ ID: text(), Attributes: record(text()) }),
  scope: text(),
  time: number(),
  timeNano: number(),
});
export const Trouble = object({ topic: text(), reason: text() });
