/** Where cgtop's tables come from: the stream where its second is near what is wanted, else a question each time. */
import { setTimeout as delay } from "node:timers/promises";
import { type CgroupsAnswer, TICK_MS } from "../../../wire/glass.ts";
import type { Cli } from "../../cli.ts";
import { serverSent } from "../../engine/server-sent.ts";
import { CliError } from "../../errors.ts";

/** An engine that is asked reads everything anew: ten times the work of a message of the stream, which comes each second. */
const STREAM_AT_MOST = 5;
type When = { seconds: number; stopped: AbortSignal | undefined };

/** One each so many seconds; the second one comes after a quarter of a second at most, as rates are between two. */
export async function* cgroupAnswers(cli: Cli, when: When): AsyncGenerator<CgroupsAnswer> {
  const { seconds, stopped } = when;
  const ask = () => cli.engine.get<CgroupsAnswer>("/cloche/v1/cgroups");
  const wait = (time: number) => delay(time * 1000, undefined, stopped && { signal: stopped }).catch(() => {});
  yield await ask();
  await wait(Math.min(seconds, 0.25));
  const second = await ask();
  yield second;
  if (seconds * 1000 >= TICK_MS && seconds <= STREAM_AT_MOST) yield* streamed(cli, when, second.at);
  for (await wait(seconds); !stopped?.aborted; await wait(seconds)) yield await ask();
}

/** @param after clock of the last answer, nanoseconds. Ends when it is stopped. */
async function* streamed(cli: Cli, { seconds, stopped }: When, after: number): AsyncGenerator<CgroupsAnswer> {
  const body = await cli.engine.open("GET", "/cloche/v1/stream", { query: { topics: "cgroups" } });
  const stop = () => body.destroy();
  stopped?.addEventListener("abort", stop);
  try {
    if (stopped?.aborted) return;
    let last = after;
    for await (const { event, data } of serverSent(body)) {
      if (event === "trouble") throw new CliError((data as { reason: string }).reason);
      if (event !== "cgroups") continue;
      const answer = data as CgroupsAnswer;
      // The one that every listener begins with is too young, and a tick is never exactly a second.
      if (answer.at - last < seconds * 1e9 - TICK_MS * 5e5) continue;
      last = answer.at;
      yield answer;
    }
    if (!stopped?.aborted) throw new CliError("the engine has ended the stream");
  } catch (error) {
    if (!stopped?.aborted) throw error;
  } finally {
    stopped?.removeEventListener("abort", stop);
    body.destroy();
  }
}
