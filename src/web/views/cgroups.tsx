/** The tree of control groups: what each uses of what it may. */
import { signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { Search } from "../parts/search.tsx";
import { Why } from "../parts/why.tsx";
import { cgroups, connection, containers, trouble } from "../state/live.ts";
import { goTo, subject } from "../state/route.ts";
import { type Branch, branchesOf } from "./cgroups/branches.ts";
import { GroupPage } from "./cgroups/group.tsx";
import { GroupRow } from "./cgroups/row.tsx";

const everything = signal(false);
const search = signal("");

export function Cgroups() {
  const live = cgroups.value;
  return (
    <>
      <div class="head">
        <h1>Control groups</h1>
        <div class="tools">
          <Search words={search} label="Find control groups" hint="name or path" />
          <label class="check">
            <input
              type="checkbox"
              checked={everything.value}
              onChange={(event) => (everything.value = event.currentTarget.checked)}
            />
            all of the host
          </label>
        </div>
      </div>
      {live ? (
        <Tree live={live} />
      ) : connection.value.state === "lost" || trouble.value.cgroups ? (
        <Why title="The tree cannot be seen">{trouble.value.cgroups ?? connection.value.reason}</Why>
      ) : (
        <p class="hint">Asking the engine…</p>
      )}
    </>
  );
}

function Tree({ live }: { live: NonNullable<typeof cgroups.value> }) {
  const all = branchesOf(live.now, live.before, new Set(containers.value.map(({ cloche }) => cloche.cgroupPath)));
  const kept = everything.value ? all : all.filter(({ ours }) => ours);
  const shown = found(kept, search.value);
  const path = subject.value === "" ? "" : `/${subject.value.replace(/^\//, "")}`;
  const chosen = all.find(({ node }) => node.path === path) ?? shown.find(({ node }) => node.owner !== undefined);
  const page = useRef<HTMLDivElement>(null);
  const choose = ({ node }: Branch) => {
    goTo("cgroups", node.path.slice(1));
    // On a narrow screen it is below the tree.
    page.current?.scrollIntoView({ block: "nearest", behavior: "smooth" });
  };
  return (
    <>
      <p class="lead">
        cgroup {live.now.version}, {live.now.cpus} CPUs.{" "}
        {live.now.noPressure && `No pressure is shown: ${live.now.noPressure}.`}
      </p>
      {kept.every(({ node }) => node.path === "/" || node.owner === undefined) && !everything.value ? (
        <Why title="No container has a control group" command="cloche run -d -m 64m --cpus 0.5 busybox sleep 600">
          A control group is made when a container starts, and removed when it has ended.
        </Why>
      ) : (
        <div class="groups">
          <section class="panel" aria-label="The tree" tabIndex={0}>
            <p class="group heads" aria-hidden="true">
              <span>control group</span>
              <span>processes</span>
            </p>
            {shown.length === 0 && <Why title="None of them fits">No name or path has “{search.value}” in it.</Why>}
            <ul class="tree">
              {shown.map((branch) => (
                <GroupRow
                  key={branch.node.path}
                  branch={branch}
                  chosen={branch === chosen}
                  hostCpus={live.now.cpus}
                  onChoose={choose}
                />
              ))}
            </ul>
          </section>
          <div ref={page} class="beside">
            {chosen && <GroupPage branch={chosen} answer={live.now} />}
          </div>
        </div>
      )}
    </>
  );
}

/** Those that have the word in their name or path, and what they hang on. */
function found(branches: readonly Branch[], word: string): readonly Branch[] {
  if (word === "") return branches;
  const fits = branches.filter(({ node }) =>
    `${node.owner ?? ""} ${node.path}`.toLowerCase().includes(word.toLowerCase()),
  );
  const above = (path: string) => fits.some(({ node }) => node.path.startsWith(path === "/" ? path : `${path}/`));
  return branches.filter((branch) => fits.includes(branch) || above(branch.node.path));
}
