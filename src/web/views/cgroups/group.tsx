import { useEffect, useState } from "preact/hooks";
import type { CgroupsAnswer, HistoryAnswer, PressureView } from "../../../wire/glass.ts";
import { get } from "../../api.ts";
import { entries, isUp, nameOf, samplesOf } from "../../state/live.ts";
import { linkTo } from "../../state/route.ts";
import { addHistory } from "../../state/stream.ts";
import { bytes, cpus, micros, percent } from "../../text.ts";
import { MemoryCurve } from "../container/curves.tsx";
import { OomDialog } from "../oom-report.tsx";
import { type Branch, quotaOf } from "./branches.ts";

/** One control group: its curve, and each number with the file that it stands in, in both dialects. */
export function GroupPage({ branch, answer }: { branch: Branch; answer: CgroupsAnswer }) {
  const [report, showReport] = useState(false);
  const { node } = branch;
  const entry = [...entries.value.values()].find(({ cloche }) => cloche.cgroupPath === node.path);
  const id = entry && isUp(entry) ? entry.Id : undefined;
  useEffect(() => {
    if (id)
      get<HistoryAnswer>(`/cloche/v1/containers/${id}/history`).then(
        (it) => addHistory(id, it.samples),
        () => {},
      );
  }, [id]);
  const past = entry ? samplesOf(entry.Id) : [];
  const { memory } = node;
  return (
    <section class="panel group-page" aria-label="The control group">
      <h2>{node.owner ?? node.path}</h2>
      {node.owner && (
        <p class="path">
          <code>{node.path}</code>
        </p>
      )}
      {entry && past.length > 0 && (
        <MemoryCurve
          past={past}
          name={nameOf(entry)}
          ended={!isUp(entry)}
          onMark={() => showReport(true)}
          words={memory ? `${bytes(memory.usage)}${memory.limit ? ` of ${bytes(memory.limit)}` : ", no limit"}` : ""}
        />
      )}
      {entry && (memory?.oomKills ?? 0) > 0 && (
        <button type="button" class="oom-link" onClick={() => showReport(true)}>
          ✕ {memory?.oomKills} killed for want of memory: the report
        </button>
      )}
      <Numbers branch={branch} />
      <Files answer={answer} />
      {entry && (
        <p class="links">
          <a href={linkTo("containers", nameOf(entry))}>{nameOf(entry)}</a>
          <a href={linkTo("inside", nameOf(entry))}>inside | outside</a>
        </p>
      )}
      {report && entry && <OomDialog id={entry.Id} onClose={() => showReport(false)} />}
    </section>
  );
}

function Numbers({ branch: { node, cores, throttled } }: { branch: Branch }) {
  const quota = quotaOf(node);
  const rows: [string, string | undefined][] = [
    ["Processes", `${node.processes}${node.pids?.limit === undefined ? "" : ` of ${node.pids.limit}`}`],
    [
      "CPU",
      cores === undefined ? undefined : `${cpus(cores)}${quota === undefined ? ", no quota" : ` of ${cpus(quota)}`}`,
    ],
    ["Quota", node.cpu?.quota === undefined ? undefined : `${node.cpu.quota} µs in each ${node.cpu.period} µs`],
    [
      "Throttled",
      node.cpu?.throttledPeriods === undefined
        ? undefined
        : `in ${node.cpu.throttledPeriods} of ${node.cpu.periods} periods, ${micros((node.cpu.throttled ?? 0) / 1000)} in all${throttled ? `; now ${percent(throttled * 100)}` : ""}`,
    ],
    [
      "Memory",
      node.memory &&
        `${bytes(node.memory.usage)}${node.memory.limit === undefined ? ", no limit" : ` of ${bytes(node.memory.limit)}`}`,
    ],
    ["Peak", node.memory?.peak === undefined ? undefined : bytes(node.memory.peak)],
    ["Limit met", node.memory?.failures === undefined ? undefined : `${node.memory.failures} times`],
    ["Disk", node.io && `${bytes(node.io.read)} read, ${bytes(node.io.written)} written`],
    ["CPU pressure", pressureWords(node.pressure?.cpu)],
    ["Memory pressure", pressureWords(node.pressure?.memory)],
    ["Disk pressure", pressureWords(node.pressure?.io)],
  ];
  return (
    <dl class="facts tight">
      {rows.map(([label, value]) =>
        value === undefined ? null : (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** "some" of its tasks waited, "full": all. */
function pressureWords(view: PressureView | undefined): string | undefined {
  if (!view?.some) return undefined;
  if (view.some.avg10 === 0) return "nobody waited in the last 10 s";
  const all = view.full ? `, all did ${percent(view.full.avg10)}` : "";
  return `some waited ${percent(view.some.avg10)} of the last 10 s${all}`;
}

function Files({ answer: { files, version } }: { answer: CgroupsAnswer }) {
  return (
    <details>
      <summary>The same numbers as files, in v1 and v2</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label="Files of control groups">
        <table>
          <thead>
            <tr>
              <th scope="col">number</th>
              <th scope="col">v1{version === "v1" && ": your machine"}</th>
              <th scope="col">v2{version === "v2" && ": your machine"}</th>
            </tr>
          </thead>
          <tbody>
            {files.map(({ number, v1, v2 }) => (
              <tr key={number}>
                <th scope="row">{number}</th>
                <td>
                  <code>{v1}</code>
                </td>
                <td>
                  <code>{v2}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
