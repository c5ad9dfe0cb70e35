/** xterm.js on a websocket of the engine. Loaded when a terminal is first opened. */
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { ask, socketAddress, textOf } from "../../api.ts";
import { adoptStyles } from "./adopt-styles.ts";

export type Wish = { serial: number; what: "exec" | "attach"; id: string; tty: boolean; command: string; user: string };
type Hooks = { signal: AbortSignal; say: (text: string) => void };

export async function openSession(place: HTMLElement, wish: Wish, { signal, say }: Hooks): Promise<void> {
  adoptStyles();
  const terminal = new Terminal({
    fontFamily: 'ui-monospace, "JetBrains Mono", "DejaVu Sans Mono", monospace',
    fontSize: Number.parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.9,
    cursorBlink: true,
    // Without a terminal on the other side nobody turns a new line into one with a return.
    convertEol: wish.what === "attach" && !wish.tty,
    screenReaderMode: true,
    theme: { background: "#10160f", foreground: "#e8efe2", cursor: "#8fd694" },
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(place);
  fit.fit();
  signal.addEventListener("abort", () => terminal.dispose());
  try {
    const path = wish.what === "exec" ? await newExec(wish) : `/containers/${wish.id}`;
    if (signal.aborted) return;
    await talk(terminal, fit, { path, wish, signal, say, place });
  } catch (error) {
    say(textOf(error));
  }
}

/** @returns its path */
async function newExec({ id, command, user }: Wish): Promise<string> {
  const { Id } = await ask<{ Id: string }>("POST", `/containers/${id}/exec`, {
    body: {
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: true,
      Env: ["TERM=xterm-256color"],
      Cmd: wordsOf(command),
      ...(user && { User: user }),
    },
  });
  return `/exec/${Id}`;
}

type Talk = { path: string; wish: Wish; place: HTMLElement } & Hooks;

async function talk(terminal: Terminal, fit: FitAddon, { path, wish, signal, say, place }: Talk): Promise<void> {
  const exec = wish.what === "exec";
  const size = () => ({ h: terminal.rows, w: terminal.cols });
  const address = exec
    ? socketAddress(`/cloche/v1${path}/ws`, size())
    : socketAddress(`${path}/attach/ws`, { logs: 1, stream: 1, stdin: 1, stdout: 1, stderr: 1 });
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  signal.addEventListener("abort", () => socket.close());
  const resize = () => {
    fit.fit();
    // The program may have ended meanwhile: then nobody needs a size.
    if (exec || wish.tty) ask("POST", `${path}/resize`, { query: size() }).catch(() => {});
  };
  const watch = new ResizeObserver(resize);
  const bytes = new TextEncoder();
  socket.onopen = () => {
    say(exec ? `${wish.command} runs.` : "Attached. Detach: Ctrl-P Ctrl-Q, or leave this view.");
    terminal.focus();
    watch.observe(place);
  };
  socket.onmessage = ({ data }) => terminal.write(typeof data === "string" ? data : new Uint8Array(data));
  terminal.onData((text) => socket.readyState === WebSocket.OPEN && socket.send(bytes.encode(text)));
  socket.onclose = async () => {
    watch.disconnect();
    if (signal.aborted) return;
    say(exec ? await endOf(path) : "The stream has ended.");
  };
}

async function endOf(path: string): Promise<string> {
  try {
    const { ExitCode } = await ask<{ ExitCode: number | null }>("GET", `${path}/json`);
    return ExitCode === null ? "The connection has ended." : `It has ended with status ${ExitCode}.`;
  } catch (error) {
    return textOf(error);
  }
}

/** Blanks separate words; quotes keep them together. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}
