/** The garden: every container under its glass; and one of them, looked at closely. */
import { signal } from "@preact/signals";
import { Jar } from "../parts/jar.tsx";
import { Meter } from "../parts/meter.tsx";
import { Search } from "../parts/search.tsx";
import { Spark } from "../parts/spark.tsx";
import { Why } from "../parts/why.tsx";
import { connection, containers, findContainer, isUp, nameOf, samplesOf } from "../state/live.ts";
import { linkTo, subject } from "../state/route.ts";
import { ContainerPage } from "./container/page.tsx";
import { use } from "./container/use.ts";
import { jarOf, type LiveEntry, portWords, stateWords } from "./container/words.ts";

/** With more of them the cards are small: who looks for one should see most of them at once. */
const ROOMY = 12;
const search = signal("");
const shown = signal<"all" | "up">("all");

export function Containers() {
  const entry = findContainer(subject.value);
  if (entry) return <ContainerPage entry={entry} />;
  return <Garden missing={subject.value} />;
}

function Garden({ missing }: { missing: string }) {
  const all = containers.value;
  const wanted = all.filter(
    (entry) =>
      (shown.value === "all" || isUp(entry)) &&
      `${nameOf(entry)} ${entry.Image} ${entry.Id}`.toLowerCase().includes(search.value.toLowerCase()),
  );
  return (
    <>
      <div class="head">
        <h1>Containers</h1>
        {all.length > 0 && (
          <div class="tools">
            <Search words={search} label="Find containers by name or image" hint="name or image" />
            <div class="choice" role="group" aria-label="Which containers">
              {(["all", "up"] as const).map((which) => (
                <button
                  key={which}
                  type="button"
                  aria-pressed={shown.value === which}
                  onClick={() => (shown.value = which)}
                >
                  {which === "all" ? `all ${all.length}` : `up ${all.filter(isUp).length}`}
                </button>
              ))}
            </div>
          </div>
        )}
      </div>
      {missing !== "" && connection.value.state !== "waiting" && (
        <p class="lost" role="alert">
          There is no container “{missing}” any more.
        </p>
      )}
      {all.length === 0 ? (
        <Nothing />
      ) : wanted.length === 0 ? (
        <Why title="None of them fits">
          {search.value ? `No name or image has “${search.value}” in it.` : "No container is up: all have ended."}
        </Why>
      ) : (
        <ul class={`garden ${wanted.length > ROOMY ? "many" : ""}`}>
          {wanted.map((entry) => (
            <Card key={entry.Id} entry={entry} />
          ))}
        </ul>
      )}
    </>
  );
}

function Nothing() {
  const { state, reason } = connection.value;
  if (state === "waiting") return <p class="hint">Asking the engine…</p>;
  if (state === "lost") return <Why title="Nothing can be seen">{reason}</Why>;
  return (
    <Why title="No containers yet" command="cloche run -d --name pinger busybox ping 127.0.0.1">
      Under every glass here grows one container. Plant the first:
    </Why>
  );
}

const whyNothing = ({ State, cloche }: LiveEntry) =>
  State === "created"
    ? "No process yet, and no control group that counts."
    : State === "restarting"
      ? "Between two runs: no process to count."
      : cloche.oomKilled
        ? "The kernel killed for memory; what is known of it is in the report."
        : "No process any more: its control group is gone, and with it the numbers.";

function Card({ entry }: { entry: LiveEntry }) {
  const { cpu, memory, latest } = use(entry.Id);
  const past = samplesOf(entry.Id);
  const up = isUp(entry);
  return (
    <li>
      <a class={`bed ${jarOf(entry)}`} href={linkTo("containers", nameOf(entry))}>
        <Jar state={jarOf(entry)} level={memory?.share ?? 0} size="5rem" />
        <span class="who">
          <strong>{nameOf(entry)}</strong>
          <span class="image">{entry.Image}</span>
          <span class="state">{stateWords(entry)}</span>
          {portWords(entry).map((port) => (
            <span key={port} class="port">
              {port}
            </span>
          ))}
        </span>
        {up && latest && cpu && memory && (
          <span class="use">
            <Meter label="CPU" words={cpu.words} share={cpu.share} />
            <Spark values={past.map((sample) => sample.cpu.cores ?? 0)} most={cpu.most} />
            <Meter label="Memory" words={memory.words} share={memory.share} tone="glass" />
          </span>
        )}
        {up && !latest && <span class="use hint">measuring…</span>}
        {!up && <span class="use hint">{whyNothing(entry)}</span>}
      </a>
    </li>
  );
}
