import { Meter } from "../../parts/meter.tsx";
import { bytes, cpus, percent, short } from "../../text.ts";
import { type Branch, quotaOf } from "./branches.ts";

type Props = { branch: Branch; chosen: boolean; hostCpus: number; onChoose: (branch: Branch) => void };

export function GroupRow({ branch, chosen, hostCpus, onChoose }: Props) {
  const { node, depth, name, cores, throttled } = branch;
  const quota = quotaOf(node);
  const { memory } = node;
  const kills = memory?.oomKills ?? 0;
  const pressure = node.pressure?.memory?.some?.avg10 ?? node.pressure?.cpu?.some?.avg10;
  return (
    <li>
      <button type="button" class="group" aria-pressed={chosen} onClick={() => onChoose(branch)}>
        <span class="name" style={{ paddingLeft: `${depth * 1.1}rem` }}>
          <b>{node.owner ?? (/^[0-9a-f]{64}$/.test(name) ? short(name) : name)}</b>
          <small>{node.owner && (/^[0-9a-f]{64}$/.test(name) ? short(name) : name)}</small>
        </span>
        <span class="tasks" title="processes">
          {node.processes}
        </span>
        <Meter
          label="CPU"
          words={cores === undefined ? "…" : quota === undefined ? cpus(cores) : `${cpus(cores)} of ${cpus(quota)}`}
          share={cores === undefined ? undefined : cores / (quota ?? hostCpus)}
        />
        <Meter
          label="Memory"
          words={
            memory === undefined
              ? "not counted"
              : memory.limit === undefined
                ? bytes(memory.usage)
                : `${bytes(memory.usage)} of ${bytes(memory.limit)}`
          }
          share={memory?.limit === undefined ? undefined : memory.usage / memory.limit}
          tone="glass"
        />
        <span class="flags">
          {throttled !== undefined && throttled > 0 && (
            <span class="chip clay">throttled {percent(throttled * 100)}</span>
          )}
          {pressure !== undefined && pressure >= 1 && <span class="chip clay">pressure {percent(pressure)}</span>}
          {kills > 0 && <span class="chip berry">✕ {kills}</span>}
        </span>
      </button>
    </li>
  );
}
