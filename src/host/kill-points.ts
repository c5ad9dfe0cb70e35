/**
 * Named steps at which the engine kills itself, for tests of what survives that: each call of a port is two of them,
 * `VERB:PORT.METHOD:before#N` and `…:after#N`, N counting from 1; VERB is "engine" outside of any verb.
 *
 *     CLOCHE_KILL_AT=start:launcher.launch:after#1     that step
 *     CLOCHE_KILL_AT=/path                             the step that the file names, if it is there; a new text counts anew
 *     CLOCHE_KILL_LOG=/path                            each step is appended as a line
 *
 * Without these variables nothing is wrapped and nothing is paid.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { appendFileSync } from "node:fs";
import { readTextIfThere } from "../lib/errno.ts";

export type KillPoints = {
  /** The same port, with two steps for each call; one level of ports inside a port included. */
  port<T extends object>(name: string, port: T): T;
  /** The same verbs; steps inside a call bear the verb's name. */
  verbs<T extends object>(verbs: T): T;
  /** Work that is no verb of a client, under a name. */
  during<T>(name: string, work: () => T): T;
};

/** @param die replaced in tests */
export function killPoints(
  env: { CLOCHE_KILL_AT?: string; CLOCHE_KILL_LOG?: string },
  die: () => void = () => process.kill(process.pid, "SIGKILL"),
): KillPoints {
  if (!env.CLOCHE_KILL_AT && !env.CLOCHE_KILL_LOG) {
    return { port: (_name, port) => port, verbs: (verbs) => verbs, during: (_name, work) => work() };
  }
  const verb = new AsyncLocalStorage<string>();
  const reach = stepCounter(env, die);
  const step = (name: string) => reach(`${verb.getStore() ?? "engine"}:${name}`);

  function port<T extends object>(name: string, target: T): T {
    return wrapped(target, (method, value) => {
      if (isPort(value)) return port(`${name}.${method}`, value);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        step(`${name}.${method}:before`);
        const result: unknown = Reflect.apply(value, target, args);
        if (!(result instanceof Promise)) {
          step(`${name}.${method}:after`);
          return result;
        }
        return result.then((outcome: unknown) => {
          step(`${name}.${method}:after`);
          return outcome;
        });
      };
    });
  }
  return {
    port,
    verbs: (verbs) =>
      wrapped(verbs, (method, value) =>
        typeof value !== "function"
          ? value
          : (...args: unknown[]) => verb.run(method, () => Reflect.apply(value, verbs, args)),
      ),
    during: (name, work) => verb.run(name, work),
  };
}

function stepCounter(env: { CLOCHE_KILL_AT?: string; CLOCHE_KILL_LOG?: string }, die: () => void) {
  const { CLOCHE_KILL_AT: at = "", CLOCHE_KILL_LOG: log } = env;
  const counts = new Map<string, number>();
  let wanted = at;
  return (name: string): void => {
    const now = at.startsWith("/") ? readTextIfThere(at).trim() : at;
    if (now !== wanted) counts.clear();
    wanted = now;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const step = `${name}#${count}`;
    if (log) appendFileSync(log, `${step}\n`);
    if (step === wanted) die();
  };
}

/** Methods are wrapped once, so that each stays the same function. */
function wrapped<T extends object>(target: T, wrap: (method: string, value: unknown) => unknown): T {
  const known = new Map<string, unknown>();
  return new Proxy(target, {
    get(_target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof key !== "string") return value;
      if (typeof value !== "function" && !isPort(value)) return value;
      if (!known.has(key)) known.set(key, wrap(key, value));
      return known.get(key);
    },
  });
}

/** A plain object of functions only. */
function isPort(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false;
  const members = Object.values(value);
  return members.length > 0 && members.every((member) => typeof member === "function");
}
