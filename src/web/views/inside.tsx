/** The same processes, as those inside see them and as the host does. */
import { type Signal, useComputed, useSignal } from "@preact/signals";
import type { HostProcess, LiveEntry, ProcessView } from "../../wire/glass.ts";
import { Picker } from "../parts/picker.tsx";
import { Rows } from "../parts/rows.tsx";
import { Search } from "../parts/search.tsx";
import { Why } from "../parts/why.tsx";
import { containers, findContainer, isUp, maps, nameOf, processes, trouble, unreadable } from "../state/live.ts";
import { subject } from "../state/route.ts";
import { Bridge } from "./inside/bridge.tsx";
import { type Dying, useDying } from "./inside/dying.ts";
import { lit, picked } from "./inside/lit.ts";
import { asTree } from "./inside/tree.ts";

export function Inside() {
  const entry = findContainer(subject.value) ?? containers.value.find(isUp);
  return (
    <>
      <div class="head">
        <h1>
          Inside <span class="pane-bar">|</span> Outside
        </h1>
        {containers.value.length > 0 && <Picker to="inside" />}
      </div>
      <p class="lead">
        A process in a container is a process of the host. It has two numbers: point at it, and see it on both sides.
      </p>
      {entry ? (
        <Panes key={entry.Id} entry={entry} />
      ) : (
        <Why title="Nothing runs" command="cloche run -d --name pinger busybox ping 127.0.0.1">
          Processes are inside and outside only while a container runs.
        </Why>
      )}
    </>
  );
}

function Panes({ entry }: { entry: LiveEntry }) {
  const map = maps.value.get(entry.Id);
  const pointed = usePointed("outside");
  const inside = useDying(asTree(isUp(entry) ? (map?.processes ?? []) : []), () => false);
  return (
    <div class="panes">
      <section class="pane inside" aria-label={`Inside ${nameOf(entry)}`}>
        <h2>
          Inside <em>{nameOf(entry)}</em>
        </h2>
        {inside.length > 0 ? (
          <>
            <Columns />
            <Rows
              items={inside}
              keyOf={({ item }) => item.pid}
              rowHeight={2.4}
              label="Processes as the container sees them"
              reveal={inside.findIndex(({ item }) => item.pid === pointed.value)}
            >
              {(row) => <InsideRow row={row} />}
            </Rows>
          </>
        ) : (
          <Why title="Nobody is inside" command={isUp(entry) ? undefined : `cloche start ${nameOf(entry)}`}>
            {map?.reason ??
              trouble.value[`map:${entry.Id}`] ??
              (isUp(entry) ? "asking the engine…" : "It does not run.")}
          </Why>
        )}
      </section>
      <Bridge entry={entry} inside={map?.processes ?? []} />
      <Outside entry={entry} />
    </div>
  );
}

function InsideRow({ row: { item, depth, dead } }: { row: Dying<ProcessView> }) {
  const pid = item.pids.at(-1)?.pid ?? item.pid;
  return (
    <Row pid={item.pid} side="inside" dead={dead} mine>
      <b>{pid}</b>
      <span class="user">{item.user.inside ?? "?"}</span>
      <Command depth={depth} text={item.command} />
    </Row>
  );
}

const FILTERS = { host: "all of the host", containers: "containers", this: "this container" } as const;

/** The process pointed at on that side: only that the other side brings into sight. */
function usePointed(from: "inside" | "outside"): Signal<number | undefined> {
  return useComputed(() => (lit.value?.from === from ? lit.value.pid : undefined));
}

const Columns = () => (
  <p class="columns" aria-hidden="true">
    <span>PID</span>
    <span>user</span>
    <span>command</span>
  </p>
);

function Outside({ entry }: { entry: LiveEntry }) {
  const which = useSignal<keyof typeof FILTERS>("host");
  const search = useSignal("");
  const pointed = usePointed("inside");
  const tree = useComputed(() => {
    const word = search.value.toLowerCase();
    const wanted = [...processes.value.values()].filter(
      (process) =>
        (which.value === "host" ||
          (which.value === "this" ? process.container === entry.Id : process.owner !== "host")) &&
        `${process.pid} ${process.command} ${process.owner}`.toLowerCase().includes(word),
    );
    return asTree(wanted);
  });
  const rows = useDying(tree.value, (pid) => processes.value.has(pid));
  const reveal = rows.findIndex(({ item }) => item.pid === pointed.value);
  const known = processes.value.size;
  return (
    <section class="pane outside" aria-label="Outside: the host">
      <h2>
        Outside: the host <small>{countWords(tree.value.length, known)}</small>
      </h2>
      <div class="filters">
        <select
          aria-label="Which processes"
          value={which.value}
          onChange={(event) => (which.value = event.currentTarget.value as keyof typeof FILTERS)}
        >
          {Object.entries(FILTERS).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
        <Search words={search} label="Find processes of the host" hint="PID or command" />
      </div>
      {rows.length > 0 && <Columns />}
      {rows.length > 0 ? (
        <Rows items={rows} keyOf={({ item }) => item.pid} rowHeight={2.4} label="Processes of the host" reveal={reveal}>
          {({ item, depth, dead }) => (
            <Row pid={item.pid} side="outside" dead={dead} mine={item.container === entry.Id}>
              <b>{item.pid}</b>
              <span class="user">{item.user || item.uid}</span>
              <Command depth={depth} text={item.command} owner={ownerOf(item)} />
            </Row>
          )}
        </Rows>
      ) : (
        <Why title="No process to show">
          {trouble.value.processes ?? (known > 0 ? "None fits what you look for." : "asking the engine…")}
        </Why>
      )}
      {unreadable.value > 0 && <p class="hint">{unreadable.value} processes may not be read in /proc.</p>}
    </section>
  );
}

const countWords = (shown: number, known: number) =>
  known === 0 ? "" : shown === known ? `${known} processes` : `${shown} of ${known} processes`;

const ownerOf = ({ owner }: HostProcess) => (owner === "host" ? undefined : owner);

type RowProps = {
  pid: number;
  side: "inside" | "outside";
  dead: boolean;
  /** of the chosen container */
  mine: boolean;
  children: preact.ComponentChildren;
};

function Row({ pid, side, dead, mine, children }: RowProps) {
  const light = () => {
    lit.value = { pid, from: side };
  };
  const dark = () => {
    lit.value = undefined;
  };
  // Of what is pointed at, a row hears only whether it is itself: with hundreds of them that is felt.
  const isLit = useComputed(() => lit.value?.pid === pid).value;
  const isPicked = useComputed(() => picked.value === pid).value;
  const words = ["process", mine ? "mine" : "", isLit ? "lit" : "", isPicked ? "picked" : "", dead ? "dead" : ""];
  return (
    <button
      type="button"
      class={words.filter(Boolean).join(" ")}
      aria-pressed={isPicked}
      data-pid={pid}
      onPointerEnter={light}
      onPointerLeave={dark}
      onFocus={light}
      onBlur={dark}
      onClick={() => {
        picked.value = picked.value === pid ? undefined : pid;
      }}
    >
      {children}
    </button>
  );
}

function Command({ depth, text, owner }: { depth: number; text: string; owner?: string | undefined }) {
  return (
    <span class="cmd" title={text} style={{ paddingLeft: `${Math.min(depth, 5) * 0.7}rem` }}>
      {depth > 0 && <i aria-hidden="true">└ </i>}
      {owner && <span class="chip">{owner}</span>}
      {text}
    </span>
  );
}
