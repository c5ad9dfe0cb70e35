import type { LiveEntry } from "../../../wire/glass.ts";
import { confirm } from "../../parts/confirm.tsx";
import { isUp, nameOf } from "../../state/live.ts";
import { tell } from "../../state/notices.ts";
import { goTo, linkTo } from "../../state/route.ts";

/** The buttons: only those that make sense now. */
export function Actions({ entry }: { entry: LiveEntry }) {
  const name = nameOf(entry);
  const path = `/containers/${entry.Id}`;
  const post = (verb: string, done: string, query = {}) => void tell(done, "POST", `${path}/${verb}`, { query });
  const running = entry.State === "running";
  const paused = entry.State === "paused";
  const alive = isUp(entry) || entry.State === "restarting";
  return (
    <div class="actions" role="group" aria-label={`What can be done to ${name}`}>
      {!alive && (
        <button type="button" class="main" onClick={() => post("start", `${name} has started`)}>
          ▶ Start
        </button>
      )}
      {alive && (
        <button type="button" onClick={() => post("stop", `${name} has stopped`)}>
          ■ Stop
        </button>
      )}
      {running && (
        <button type="button" onClick={() => post("pause", `${name} is frozen`)}>
          ❄ Pause
        </button>
      )}
      {paused && (
        <button type="button" class="main" onClick={() => post("unpause", `${name} goes on`)}>
          ▶ Go on
        </button>
      )}
      {alive && (
        <button
          type="button"
          class="danger"
          onClick={() =>
            confirm({
              title: `Kill ${name}?`,
              text: "Its first process is sent SIGKILL. It cannot save anything, and every other process in its PID namespace dies with it.",
              action: "Kill",
              run: () => post("kill", `${name} was killed`),
            })
          }
        >
          ✕ Kill
        </button>
      )}
      <button type="button" class="danger" onClick={() => confirm(removal(entry))}>
        Remove
      </button>
      <span class="links">
        <a href={linkTo("inside", name)}>inside | outside</a>
        <a href={linkTo("plan", name)}>plan</a>
        <a href={linkTo("terminal", name)}>terminal</a>
      </span>
    </div>
  );
}

function removal(entry: LiveEntry) {
  const name = nameOf(entry);
  const alive = isUp(entry);
  return {
    title: `Remove ${name}?`,
    text: `${alive ? "It is up: it will be killed. " : ""}Its writable layer and its log are deleted. Volumes with names stay.`,
    action: alive ? "Kill and remove" : "Remove",
    run: async () => {
      const done = await tell(`${name} is removed`, "DELETE", `/containers/${entry.Id}`, {
        query: { v: 1, ...(alive && { force: 1 }) },
      });
      if (done) goTo("containers");
    },
  };
}
