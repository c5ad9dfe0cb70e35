import type { CgroupsAnswer } from "../../../wire/glass.ts";
import { type Cli, complain, say } from "../../cli.ts";
import { command } from "../../command.ts";
import { CliError } from "../../errors.ts";
import { bool, custom, int, text } from "../../flags/flag.ts";
import { alignTabs } from "../../text/table.ts";
import { cgroupAnswers } from "./cgtop-answers.ts";
import { cgtopTable, ORDERS, type Order, orderOf, rowsOf } from "./cgtop-rows.ts";

type Shown = { order: Order; depth: number; all: boolean };
const sortSwitch = (names: string, order: Order) => bool(names, `Sort by ${order}`);

export default command({
  usage: "[OPTIONS]",
  about:
    "Show the tree of control groups with use, limits and pressure\n\nKeys while it runs: p, t, c, m, i sort by path, tasks, CPU, memory, I/O; h throttled, u pressure, o OOM kills; q quits",
  flags: {
    all: bool("all,a", "Show groups without processes too"),
    batch: bool("batch,b", "Print one table after the other, for files and pipes"),
    byCpu: sortSwitch("cpu,c", "cpu"),
    byIo: sortSwitch("io,i", "io"),
    byMemory: sortSwitch("memory,m", "memory"),
    byPath: sortSwitch("path,p", "path"),
    byTasks: sortSwitch("tasks,t", "tasks"),
    delay: custom<number>("delay,d", "Seconds between two tables", "seconds", 1, (value) => seconds(value), {
      shown: "1",
    }),
    depth: int("depth", "Show so many levels of the tree", { fallback: 3, shown: "3" }),
    files: bool("files", "Show from which file each number is, with cgroup v1 and with v2"),
    format: text("format", "Format output: text or json (what the engine answers, once)", { fallback: "text" }),
    iterations: int("iterations,n", "End after so many tables"),
    order: custom<Order>("order", `Sort by one of ${ORDERS.join(", ")}`, "key", "cpu", orderOf, { shown: '"cpu"' }),
  },
  args: [0, 0],
  async run(cli, { flags }) {
    const ask = () => cli.engine.get<CgroupsAnswer>("/cloche/v1/cgroups");
    if (flags.format === "json") {
      say(cli, JSON.stringify(await ask(), null, 2));
      return undefined;
    }
    if (flags.format !== "text") throw new CliError(`unknown format "${flags.format}": text and json are known`);
    if (flags.files) {
      printFiles(cli, await ask());
      return undefined;
    }
    const order =
      (flags.byCpu && "cpu") ||
      (flags.byIo && "io") ||
      (flags.byMemory && "memory") ||
      (flags.byPath && "path") ||
      (flags.byTasks && "tasks") ||
      flags.order;
    const shown: Shown = { order, depth: flags.depth, all: flags.all };
    const live = cli.out.isTTY === true && !flags.batch;
    const keys = live && cli.in.isTTY ? watchKeys(cli, shown) : undefined;
    const iterations = flags.iterations || (live || flags.batch ? Number.POSITIVE_INFINITY : 1);
    try {
      await show(cli, { shown, live, iterations, seconds: flags.delay, stopped: keys?.stopped });
    } finally {
      keys?.restore();
    }
    return undefined;
  },
});

type Show = {
  shown: Shown;
  live: boolean;
  iterations: number;
  seconds: number;
  stopped: AbortSignal | undefined;
};

/** Rates are between two answers: even the first table has two. */
async function show(cli: Cli, { shown, live, iterations, seconds, stopped }: Show): Promise<void> {
  let before: CgroupsAnswer | undefined;
  let round = 0;
  for await (const now of cgroupAnswers(cli, { seconds, stopped })) {
    if (stopped?.aborted) return;
    if (before === undefined) {
      if (now.noPressure !== undefined && !live) complain(cli, `no pressure: ${now.noPressure}`);
    } else {
      const table = cgtopTable(rowsOf(now, before, shown), now);
      if (live) cli.out.write(screen(table, now, cli.out));
      else cli.out.write(round === 0 ? table : `\n${table}`);
      if (++round >= iterations) return;
    }
    before = now;
  }
}

type Size = { rows?: number; columns?: number };

/** From the top, each line cleared to its end, what is left below too: no flicker. */
function screen(table: string, { noPressure, version }: CgroupsAnswer, size: Size): string {
  // A terminal that does not know its size says 0.
  const rows = size.rows || 24;
  const columns = size.columns || 80;
  const foot = `cgroup ${version}${noPressure ? `; no pressure: ${noPressure}` : ""}   sort: p t c m i h u o   quit: q`;
  const lines = table
    .replace(/\n$/, "")
    .split("\n")
    .slice(0, rows - 2);
  // Cut, not wrapped: a second line would push the head off the screen.
  return `\x1b[H${[...lines, foot].map((line) => `${line.slice(0, columns)}\x1b[K\n`).join("")}\x1b[J`;
}

const KEYS: Readonly<Record<string, Order>> = {
  p: "path",
  t: "tasks",
  c: "cpu",
  m: "memory",
  i: "io",
  h: "throttled",
  u: "pressure",
  o: "oom",
};

function watchKeys(cli: Cli, shown: Shown): { stopped: AbortSignal; restore(): void } {
  const stop = new AbortController();
  const onKey = (data: Buffer) => {
    const key = data.toString();
    if (key === "q" || key === "\x03") stop.abort();
    shown.order = KEYS[key] ?? shown.order;
  };
  cli.in.setRawMode(true).resume().on("data", onKey);
  cli.out.write("\x1b[2J");
  return {
    stopped: stop.signal,
    restore: () => void cli.in.off("data", onKey).setRawMode(false).pause(),
  };
}

function printFiles(cli: Cli, { files, version, noPressure }: CgroupsAnswer): void {
  const mark = (it: "v1" | "v2") => `cgroup ${it}${it === version ? " (this host)" : ""}`;
  const lines = files.map(({ number, v1, v2 }) => `${number}\t${v1}\t${v2}`);
  say(cli, alignTabs([`NUMBER\t${mark("v1")}\t${mark("v2")}`, ...lines].join("\n"), 4, 2));
  if (noPressure !== undefined) say(cli, `\nno pressure: ${noPressure}`);
}

function seconds(value: string): number {
  const number = Number(value.replace(/s$/, ""));
  if (!(number >= 0.1 && number <= 86_400)) throw new Error("a delay is between 0.1 and 86400 seconds");
  return number;
}
