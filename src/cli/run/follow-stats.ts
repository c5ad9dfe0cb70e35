import type { Cli } from "../cli.ts";
import { slug } from "../each.ts";
import { jsonLines } from "../engine/json-lines.ts";
import { CliError, textOf } from "../errors.ts";
import type { StatsRow } from "../format/stats-columns.ts";
import { figuresOf, type Sample } from "./figures.ts";

type Wanted = { names: string[]; all: boolean; stream: boolean };
type Followed = { rows(): StatsRow[]; ended: Promise<void> };

/**
 * Follows the figures of some containers, or of all: then those that start and die come and go.
 * @returns when each has one sample (or has failed to give one)
 */
export async function followStats(cli: Cli, { names, all, stream }: Wanted): Promise<Followed> {
  const rows = new Map<string, StatsRow>();
  const first: Promise<void>[] = [];
  const errors: string[] = [];

  const add = (asked: string, id = "") => {
    if (rows.has(asked)) return;
    const row: StatsRow = { asked, id, name: "" };
    rows.set(asked, row);
    first.push(
      new Promise((resolve) => {
        follow(cli, row, stream, resolve).catch((error: unknown) => {
          errors.push(textOf(error));
          delete row.figures;
          resolve();
        });
      }),
    );
  };

  let ended: Promise<void> = new Promise(() => {});
  if (names.length === 0) {
    // Subscribed before the list is read: a container that starts in between is in one of them.
    if (stream) ({ ended } = await watch(cli, add, (id) => !all && rows.delete(id), all));
    for (const { Id } of await cli.engine.get<{ Id: string }[]>("/containers/json", {
      query: { all: all || undefined },
    }))
      add(Id.slice(0, 12), Id);
  } else for (const name of names) add(name);
  await Promise.all(first);
  if (names.length && errors.length) throw new CliError(errors.join("\n"));
  return { rows: () => [...rows.values()], ended };
}

async function follow(cli: Cli, row: StatsRow, stream: boolean, onFirst: () => void): Promise<void> {
  // One sample alone still holds the one before it, unless one-shot is asked: CPU % needs both.
  const body = await cli.engine.open("GET", `/containers/${slug(row.asked)}/stats`, { query: { stream } });
  let quiet: NodeJS.Timeout | undefined;
  for await (const sample of jsonLines<Sample>(body)) {
    clearTimeout(quiet);
    row.id = sample.id ?? row.id;
    row.name = sample.name ?? row.name;
    row.figures = figuresOf(sample);
    onFirst();
    // What has given nothing for two seconds is not known any more.
    if (stream) quiet = setTimeout(() => delete row.figures, 2000).unref();
  }
  onFirst();
}

async function watch(
  cli: Cli,
  add: (name: string, id: string) => void,
  remove: (name: string) => void,
  all: boolean,
): Promise<{ ended: Promise<void> }> {
  const body = await cli.engine.open("GET", "/events", {
    query: { filters: JSON.stringify({ type: { container: true } }) },
  });
  const ended = (async () => {
    for await (const event of jsonLines<{ Action?: string; Actor?: { ID?: string } }>(body)) {
      const id = event.Actor?.ID ?? "";
      if (event.Action === "start" || (all && event.Action === "create")) add(id.slice(0, 12), id);
      if (event.Action === "die" || event.Action === "destroy") remove(id.slice(0, 12));
    }
  })();
  return { ended };
}
