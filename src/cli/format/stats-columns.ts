import { shortId } from "../text/quote.ts";
import { bytesSize, humanSize } from "../text/size.ts";
import type { Columns } from "./list.ts";

/** A container's figures; undefined while none have come. */
export type StatsRow = { asked: string; id: string; name: string; figures?: Figures };
export type Figures = {
  cpuPercent: number;
  memory: number;
  memoryLimit: number;
  memoryPercent: number;
  received: number;
  sent: number;
  read: number;
  written: number;
  pids: number;
};

export const statsTable =
  "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}";

const percent = (value: number) => `${value.toFixed(2)}%`;
const pair = (a: number, b: number) => `${humanSize(a, 3)} / ${humanSize(b, 3)}`;
const shown = (row: StatsRow, show: (figures: Figures) => string, empty = "--") =>
  row.figures ? show(row.figures) : empty;

export const statsColumns = (trunc: boolean): Columns<StatsRow> => ({
  Container: { heading: "CONTAINER", show: (row) => row.asked },
  Name: { heading: "NAME", show: (row) => row.name.replace(/^\//, "") || "--" },
  ID: { heading: "CONTAINER ID", show: (row) => (trunc ? shortId(row.id) : row.id) },
  CPUPerc: { heading: "CPU %", show: (row) => shown(row, (f) => percent(f.cpuPercent)) },
  MemUsage: {
    heading: "MEM USAGE / LIMIT",
    show: (row) => shown(row, (f) => `${bytesSize(f.memory)} / ${bytesSize(f.memoryLimit)}`, "-- / --"),
  },
  MemPerc: { heading: "MEM %", show: (row) => shown(row, (f) => percent(f.memoryPercent)) },
  NetIO: { heading: "NET I/O", show: (row) => shown(row, (f) => pair(f.received, f.sent)) },
  BlockIO: { heading: "BLOCK I/O", show: (row) => shown(row, (f) => pair(f.read, f.written)) },
  PIDs: { heading: "PIDS", show: (row) => shown(row, (f) => String(f.pids)) },
});
