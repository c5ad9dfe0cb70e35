/** Limits, changed while it runs: a slider writes to the control group by POST /containers/x/update. */
import { useRef, useState } from "preact/hooks";
import type { LiveEntry } from "../../../wire/glass.ts";
import { hello, isUp, latestOf, nameOf } from "../../state/live.ts";
import { tell } from "../../state/notices.ts";
import { bytes, cpus } from "../../text.ts";

const MiB = 1024 * 1024;
/** The kernel refuses less to docker's clients. */
const LEAST_MEMORY = 6 * MiB;

export function Limits({ entry }: { entry: LiveEntry }) {
  const about = hello.value;
  // Of one that has ended the last sample is still known, but the kernel has nothing of it any more.
  const kernel = isUp(entry) ? latestOf(entry.Id) : undefined;
  const { limits } = entry.cloche;
  if (!about) return null;
  const update = (what: string, body: object) =>
    tell(`${nameOf(entry)}: ${what}`, "POST", `/containers/${entry.Id}/update`, { body });
  const steps = memorySteps(about.memory, limits.memory);
  return (
    <section class="panel limits">
      <h2>What it may use</h2>
      <Slider
        label="CPUs"
        value={limits.nanoCpus === undefined ? undefined : limits.nanoCpus / 1e9}
        min={0.05}
        max={about.cpus}
        step={0.05}
        words={(value) => `${cpus(value)} of ${about.cpus} CPUs`}
        onChange={(value) => update(`may use ${cpus(value)} CPUs now`, { NanoCpus: Math.round(value * 1e9) })}
        kernel={kernel && (kernel.cpu.limit === undefined ? "no quota" : `quota of ${cpus(kernel.cpu.limit)} CPUs`)}
      />
      <Slider
        label="Memory"
        value={limits.memory === undefined ? undefined : nearest(steps, limits.memory)}
        min={0}
        max={steps.length - 1}
        step={1}
        words={(at) => bytes(steps[at] ?? 0)}
        onChange={(at) => {
          const memory = steps[at] ?? LEAST_MEMORY;
          return update(`may use ${bytes(memory)} now`, { Memory: memory, MemorySwap: swapFor(memory, limits) });
        }}
        kernel={kernel && (kernel.memory.limit === undefined ? "no limit" : `limit of ${bytes(kernel.memory.limit)}`)}
      />
      <Slider
        label="Processes"
        value={limits.pids}
        min={1}
        max={512}
        step={1}
        words={(value) => `${value} at most`}
        onChange={(value) => update(`may have ${value} processes now`, { PidsLimit: value })}
        kernel={kernel && (kernel.pids.limit === undefined ? "no limit" : `limit of ${kernel.pids.limit}`)}
      />
    </section>
  );
}

type SliderProps = {
  label: string;
  /** undefined: no limit */
  value: number | undefined;
  min: number;
  max: number;
  step: number;
  words: (value: number) => string;
  onChange: (value: number) => Promise<unknown>;
  /** what the control group's files say */
  kernel: string | undefined;
};

function Slider({ label, value, min, max, step, words, onChange, kernel }: SliderProps) {
  const [held, hold] = useState<number | undefined>();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const shown = held ?? value;
  const change = (next: number) => {
    hold(next);
    clearTimeout(timer.current);
    // Not at every pixel: the engine stores each change.
    timer.current = setTimeout(() => void onChange(next).finally(() => hold(undefined)), 350);
  };
  return (
    <label class={`slider ${shown === undefined ? "open" : ""}`}>
      <span class="label">{label}</span>
      <span class="value">{shown === undefined ? "no limit" : words(shown)}</span>
      <input
        type="range"
        {...{ min, max, step }}
        value={shown ?? max}
        aria-label={label}
        aria-valuetext={shown === undefined ? "no limit" : words(shown)}
        onInput={(event) => change(Number(event.currentTarget.value))}
      />
      <small>{kernel === undefined ? "written when it starts" : `the kernel has: ${kernel}`}</small>
    </label>
  );
}

/** Eight steps in each doubling, and what it has now. */
function memorySteps(most: number, now: number | undefined): number[] {
  const steps = now === undefined || now > most ? [] : [now];
  for (let size = LEAST_MEMORY; size < most; size *= 2 ** (1 / 8)) steps.push(Math.round(size / MiB) * MiB);
  return [...new Set([...steps, Math.floor(most / MiB) * MiB])].sort((a, b) => a - b);
}

function nearest(steps: number[], value: number): number {
  let best = 0;
  for (const [at, step] of steps.entries())
    if (Math.abs(step - value) < Math.abs((steps[best] ?? 0) - value)) best = at;
  return best;
}

/** Memory and swap together may not be less than memory: they are moved together, unless swap has no limit. */
function swapFor(memory: number, limits: LiveEntry["cloche"]["limits"]): number {
  if (limits.memorySwap === -1) return -1;
  if (limits.memory === undefined || limits.memorySwap === undefined) return memory * 2;
  return memory + Math.max(0, limits.memorySwap - limits.memory);
}
