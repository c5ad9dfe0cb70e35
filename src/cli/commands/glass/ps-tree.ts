/** `ps --tree`: each container with its processes, both numbers of each. */
import type { MapAnswer } from "../../../wire/glass.ts";
import type { Cli } from "../../cli.ts";
import { isNotFound } from "../../errors.ts";
import { alignTabs } from "../../text/table.ts";
import { plain } from "./paint.ts";
import { asTree, branch, pidChain } from "./process-text.ts";

type Row = { Id?: string; Names?: string[] | null; Image?: string; Status?: string };

export async function psTree(cli: Cli, containers: readonly Row[]): Promise<void> {
  const maps = await Promise.all(containers.map(({ Id = "" }) => mapOf(cli, Id)));
  const lines = containers.flatMap(({ Id = "", Names, Image = "", Status = "" }, at) => {
    const map = maps[at];
    const head = `${Names?.[0]?.replace(/^\//, "") ?? Id.slice(0, 12)}\t\t\t${plain(Image)}, ${Status}`;
    if (map === undefined || map.reason !== undefined) return [`${head}${map?.reason ? "" : ", removed just now"}`];
    const rows = asTree(map.processes).map(({ process, last }) => {
      // One level deeper than the container's own line.
      const user = process.user.inside ?? process.user.outside;
      return `${branch([true, ...last])}\t${pidChain(process)}\t${user}\t${plain(process.command)}`;
    });
    return [head, ...rows];
  });
  cli.out.write(`${alignTabs(["CONTAINER\tPID OUT → IN\tUSER\tCOMMAND", ...lines].join("\n"), 4, 2)}\n`);
}

async function mapOf(cli: Cli, id: string): Promise<MapAnswer | undefined> {
  try {
    return await cli.engine.get<MapAnswer>(`/cloche/v1/containers/${id}/map`);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
