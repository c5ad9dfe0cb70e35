/** The bell jar as it is built: each part stands for what the plan has done by now. */
import type { Step } from "./player.ts";

/** Part of the picture -> phases that make it. */
const PARTS = [
  ["pot", "stdio", "its output, to the monitor"],
  ["soil", "cgroup", "how much it may use"],
  ["glass", "namespaces", "what it can see"],
  ["roots", "network", "an interface of its own"],
  ["leaf", "rootfs", "its own root directory"],
  ["shine", "mounts", "what is mounted in it"],
  ["drops", "devices", "a few devices"],
  ["knob", "seccomp", "a system call filter"],
  ["label", "identity", "its user and powers"],
  ["flower", "exec", "the program itself"],
] as const;

export function Building({ step }: { step: Step }) {
  const part = (name: string) => (step.phase === phaseOf(name) ? "now" : step.met.has(phaseOf(name)) ? "made" : "open");
  return (
    <section class="building panel" aria-label="What stands by now" tabIndex={0}>
      <svg viewBox="0 0 120 140" aria-hidden="true">
        <rect class={`pot ${part("pot")}`} x="8" y="122" width="104" height="12" rx="6" />
        <path class={`roots ${part("roots")}`} d="M60 112c-8 4-14 6-20 14M60 112c8 4 14 6 20 14M60 112v14" />
        <path class={`soil ${part("soil")}`} d="M20 122v-14q20-6 40 0t40 0v14z" />
        <path
          class={`leaf ${part("leaf")}`}
          d="M60 108V58m0 34c-20 0-26-8-26-20 17 0 26 7 26 20zm0-12c0-12 8-19 25-19 0 12-7 19-25 19z"
        />
        <g class={`drops ${part("drops")}`}>
          <circle cx="36" cy="58" r="3" />
          <circle cx="86" cy="86" r="3" />
          <circle cx="82" cy="48" r="3" />
        </g>
        <g class={`flower ${part("flower")}`}>
          <circle cx="60" cy="50" r="8" />
          <path d="M60 36v5M60 59v5M46 50h5M69 50h5M50 40l4 4M66 56l4 4M50 60l4-4M66 44l4-4" />
        </g>
        <path class={`glass ${part("glass")}`} d="M18 122V60C18 30 36 18 60 18s42 12 42 42v62z" />
        <path class={`shine ${part("shine")}`} d="M30 100V62c0-14 5-22 15-28" />
        <circle class={`knob ${part("knob")}`} cx="60" cy="11" r="7" />
        <path class={`label ${part("label")}`} d="M84 114h22l6 6-6 6H84z" />
      </svg>
      <ul>
        {PARTS.map(([name, phase, text]) => (
          <li key={name} class={part(name)}>
            <b>{phase}</b> <span>{text}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const phaseOf = (part: string) => PARTS.find(([name]) => name === part)?.[1] ?? "";
