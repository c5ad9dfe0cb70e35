import { parsePsArgs } from "./ps-args.ts";
import { readHost, readProcesses } from "./ps-process.ts";

/**
 * What `docker top` shows: processes as the host's ps would print them with these options, without running ps.
 *
 * @param pids of the container, as the host numbers them; those that are gone are left out.
 * @param psArgs ps's options in one text; "" is -ef.
 * @throws EngineError invalid for options and columns that are not known, with ps's own text.
 */
export async function topProcesses(
  pids: readonly number[],
  psArgs: string,
): Promise<{ Titles: string[]; Processes: string[][] }> {
  const { columns, threads } = parsePsArgs(psArgs);
  const [processes, host] = await Promise.all([readProcesses(pids, threads), readHost()]);
  return {
    Titles: columns.map(({ title }) => title),
    Processes: processes.map((process) => columns.map(({ value }) => String(value(process, host)))),
  };
}
