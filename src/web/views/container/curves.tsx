import type { ContainerSample, LiveEntry } from "../../../wire/glass.ts";
import { type Mark, Plot } from "../../parts/plot.tsx";
import { hello, isUp, nameOf, samplesOf } from "../../state/live.ts";
import { bytes, cpus, percent } from "../../text.ts";
import { use } from "./use.ts";

const CPU_STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50];
/** Powers of two from 64 B to 4 TiB: bytes are counted so. */
const BYTE_STEPS = Array.from({ length: 37 }, (_, at) => 2 ** (at + 6));

/** CPU, memory and I/O against their limits; kills for memory are marks on the curve. */
export function Curves({ entry, onMark }: { entry: LiveEntry; onMark: () => void }) {
  const past = samplesOf(entry.Id);
  const { latest, cpu, memory } = use(entry.Id);
  const times = past.map(({ at }) => at / 1000);
  const throttled = latest?.cpu.throttledShare;
  const rate = latest?.io;
  const ended = !isUp(entry);
  const said = (words: string) => (ended ? `at its end: ${words}` : words);
  return (
    <div class="curves">
      <Plot
        title="CPU"
        words={
          cpu && latest
            ? said(`${cpu.words}${throttled ? `; throttled in ${percent(throttled)} of periods` : ""}`)
            : "measuring…"
        }
        data={{
          times,
          series: [{ name: "CPUs", colour: "leaf", values: past.map((sample) => sample.cpu.cores ?? null) }],
          limit: latest?.cpu.limit,
          least: 0.05,
          format: cpus,
          steps: CPU_STEPS,
          ended,
        }}
      />
      <MemoryCurve
        past={past}
        words={memory ? said(memory.words) : "measuring…"}
        {...{ ended, onMark }}
        name={nameOf(entry)}
      />
      <Plot
        title="Disk"
        words={said(`${bytes(rate?.readRate ?? 0)}/s read, ${bytes(rate?.writtenRate ?? 0)}/s written`)}
        data={{
          times,
          series: [
            { name: "read", colour: "glass", values: past.map((sample) => sample.io.readRate ?? null) },
            { name: "written", colour: "clay", values: past.map((sample) => sample.io.writtenRate ?? null) },
          ],
          limit: undefined,
          least: 1024,
          format: bytes,
          steps: BYTE_STEPS,
          ended,
        }}
      />
    </div>
  );
}

type MemoryProps = {
  past: readonly ContainerSample[];
  words: string;
  onMark: () => void;
  name: string;
  ended: boolean;
};

export function MemoryCurve({ past, words, onMark, name, ended }: MemoryProps) {
  return (
    <Plot
      title="Memory"
      words={words}
      marks={killMarks(past, name, onMark)}
      data={{
        times: past.map(({ at }) => at / 1000),
        series: [{ name: "in use", colour: "glass", values: past.map((sample) => sample.memory.workingSet) }],
        limit: past.at(-1)?.memory.limit,
        least: Math.min(1024 * 1024, hello.value?.memory ?? 1),
        format: bytes,
        steps: BYTE_STEPS,
        ended,
      }}
    />
  );
}

/** The counter went up between two samples: there somebody was killed. */
function killMarks(past: readonly ContainerSample[], name: string, onClick: () => void): Mark[] {
  return past.flatMap(({ at, memory }, index) => {
    const before = index === 0 ? 0 : (past[index - 1]?.memory.oomKills ?? 0);
    const more = (memory.oomKills ?? 0) - before;
    return more > 0 ? [{ at: at / 1000, text: `${more} killed for memory in ${name}: the report`, onClick }] : [];
  });
}
