import { type Cli, complain } from "../cli.ts";
import { readText } from "../engine/connection.ts";
import { parseJson } from "../engine/json.ts";
import { textOf } from "../errors.ts";

/**
 * Begins to wait for a container's end. It must be called before the start, or a short life is missed.
 * @returns a promise of the wait itself, once the engine has taken it: its exit code, 125 where the engine fails
 */
export async function waitExit(
  cli: Cli,
  id: string,
  condition: "next-exit" | "removed" | undefined,
): Promise<{ code: Promise<number> }> {
  // The headers come at once, the body at the end: from the headers on nothing can be missed.
  const reply = await cli.engine.open("POST", `/containers/${id}/wait`, { query: { condition } });
  const code = readText(reply).then(
    (text) => {
      const answer = parseJson(text) as { StatusCode?: number; Error?: { Message?: string } | null };
      if (answer.Error?.Message) {
        complain(cli, `Error waiting for container: ${answer.Error.Message}`);
        return 125;
      }
      return answer.StatusCode ?? 125;
    },
    (error) => {
      complain(cli, `Error waiting for container: ${textOf(error)}`);
      return 125;
    },
  );
  return { code };
}
