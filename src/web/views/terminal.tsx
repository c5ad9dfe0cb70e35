/** A terminal in the browser: a new program in the container (exec), or the one that runs there (attach). */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { LiveEntry } from "../../wire/glass.ts";
import { textOf } from "../api.ts";
import { Picker } from "../parts/picker.tsx";
import { Why } from "../parts/why.tsx";
import { connection, containers, findContainer, isUp, nameOf } from "../state/live.ts";
import { subject } from "../state/route.ts";
import type { Wish } from "./terminal/session.ts";

export function TerminalView() {
  const entry = findContainer(subject.value) ?? containers.value.find(({ State }) => State === "running");
  return (
    <>
      <div class="head">
        <h1>Terminal</h1>
        {containers.value.length > 0 && <Picker to="terminal" />}
      </div>
      {!entry ? (
        <Why title="Nothing runs" command="cloche run -dit --name shell busybox sh">
          {connection.value.state === "lost" ? connection.value.reason : "A terminal needs a container that runs."}
        </Why>
      ) : entry.State === "running" ? (
        <Desk key={entry.Id} entry={entry} />
      ) : (
        <Why
          title={`${nameOf(entry)} does not run`}
          command={`cloche ${isUp(entry) ? "unpause" : "start"} ${nameOf(entry)}`}
        >
          {isUp(entry)
            ? "It is paused: its processes are frozen, and a new one would be too."
            : "There is nothing to talk to: its last process has ended."}
        </Why>
      )}
    </>
  );
}

function Desk({ entry }: { entry: LiveEntry }) {
  const command = useSignal("sh");
  const user = useSignal("");
  const wish = useSignal<Wish | undefined>(undefined);
  const open = (what: Wish["what"]) => {
    wish.value = {
      serial: (wish.value?.serial ?? 0) + 1,
      what,
      id: entry.Id,
      tty: entry.cloche.tty,
      command: command.value,
      user: user.value,
    };
  };
  return (
    <>
      <form
        class="tools desk"
        onSubmit={(event) => {
          event.preventDefault();
          open("exec");
        }}
      >
        <label>
          Command
          <input value={command.value} onInput={(event) => (command.value = event.currentTarget.value)} required />
        </label>
        <label>
          User
          <input
            value={user.value}
            placeholder="the container's"
            onInput={(event) => (user.value = event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="main">
          Open (exec)
        </button>
        <button type="button" onClick={() => open("attach")}>
          Attach to PID 1
        </button>
      </form>
      {wish.value ? (
        <Screen key={wish.value.serial} wish={wish.value} />
      ) : (
        <p class="hint boxed">
          <b>Open</b> starts a program in {nameOf(entry)}: a new process, in the namespaces of its PID 1. <b>Attach</b>{" "}
          shows what PID 1 itself says{entry.cloche.openStdin ? ", and types to it" : "; it takes no input"}.
        </p>
      )}
    </>
  );
}

function Screen({ wish }: { wish: Wish }) {
  const place = useRef<HTMLDivElement>(null);
  const said = useSignal("Opening…");
  useEffect(() => {
    const gone = new AbortController();
    void import("./terminal/session.ts").then(
      ({ openSession }) => {
        if (place.current && !gone.signal.aborted)
          void openSession(place.current, wish, { signal: gone.signal, say: (text) => (said.value = text) });
      },
      (error) => (said.value = textOf(error)),
    );
    return () => gone.abort();
  }, []);
  return (
    <>
      <div class="screen" ref={place} />
      <p class="hint" role="status">
        {said.value}
      </p>
    </>
  );
}
