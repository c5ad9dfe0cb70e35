/** Prints each command as it is typed and what it answers, and counts what the checks found. */
import { spawn } from "node:child_process";

export type Outcome = { code: number; stdout: string; stderr: string };
export type Narrator = {
  heading(text: string): void;
  say(text: string): void;
  /** Run a command and show it with its output. shown: what a person would have typed. */
  run(
    words: string[],
    options?: { shown?: string; show?: (output: string) => string; env?: Record<string, string> },
  ): Promise<Outcome>;
  check(what: string, ok: boolean, found: string): void;
  /** Something that this machine cannot show, with the reason. */
  skip(what: string, reason: string): void;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
};

export function createNarrator(write: (text: string) => void, colour: boolean): Narrator {
  const paint = (code: string, text: string) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  return {
    get passed() {
      return passed;
    },
    get failed() {
      return failed;
    },
    get skipped() {
      return skipped;
    },
    heading: (text) => write(`\n${paint("1;36", text)}\n`),
    say: (text) => write(`${text}\n`),
    async run(words, options = {}) {
      write(`\n${paint("32", "$")} ${paint("1", options.shown ?? words.join(" "))}\n`);
      const outcome = await execute(words, options.env ?? {});
      const output = options.show ? options.show(outcome.stdout) : outcome.stdout;
      if (output.trim() !== "") write(indent(output));
      if (outcome.stderr.trim() !== "") write(indent(outcome.stderr));
      return outcome;
    },
    check(what, ok, found) {
      if (ok) passed++;
      else failed++;
      write(`${ok ? paint("32", "  ✔") : paint("31", "  ✘")} ${what} ${paint("2", `(${found})`)}\n`);
    },
    skip(what, reason) {
      skipped++;
      write(`  - ${what}: not checked here, ${reason}\n`);
    },
  };
}

/** As long as a step may take, in milliseconds; CLOCHE_TEST_PATIENCE is the factor by which an emulated machine is slower. */
const MOST = 60_000 * Number(process.env.CLOCHE_TEST_PATIENCE ?? 1);

/** Run a program to its end; what takes longer than a step may is killed and says so. */
export function execute(words: string[], env: Record<string, string> = {}): Promise<Outcome> {
  return new Promise((done, fail) => {
    const [program = "", ...args] = words;
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(() => {
      stderr += `[killed: it took longer than ${MOST / 1000} s]\n`;
      child.kill("SIGKILL");
    }, MOST);
    child.once("error", (error) => {
      clearTimeout(timer);
      fail(error);
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      done({ code: code ?? 137, stdout, stderr });
    });
  });
}

function indent(text: string): string {
  const lines = text.replace(/\n+$/, "").split("\n");
  return `${lines.map((line) => `    ${line}`).join("\n")}\n`;
}
