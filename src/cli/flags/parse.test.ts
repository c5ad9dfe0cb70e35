import assert from "node:assert/strict";
import { test } from "node:test";
import { bool, int, list, text } from "./flag.ts";
import { FlagError, parseFlags } from "./parse.ts";

const flags = {
  interactive: bool("interactive,i", ""),
  tty: bool("tty,t", ""),
  proxy: bool("sig-proxy", "", { fallback: true }),
  env: list("env,e", ""),
  name: text("name", ""),
  last: int("last,n", "", { fallback: -1 }),
};
const values = (words: string[], mixed = true) => parseFlags(flags, words, mixed);

test("one-letter flags stand together, and the last may carry its value", () => {
  const { values: v, args } = values(["-iteA=B", "-e", "C", "-e=D", "x"]);
  assert.deepEqual([v.interactive, v.tty, v.env, args], [true, true, ["A=B", "C", "D"], ["x"]]);
});

test("a switch can be switched off", () => {
  assert.equal(values(["--sig-proxy=false"]).values.proxy, false);
  assert.equal(values([]).values.proxy, true);
});

test("a value may begin with a dash", () => assert.equal(values(["--last", "-5"]).values.last, -5));

test("what stands behind the image belongs to the container", () => {
  const { values: v, args } = values(["-i", "busybox", "ls", "-t", "--name", "x"], false);
  assert.deepEqual([v.interactive, v.tty, args], [true, false, ["busybox", "ls", "-t", "--name", "x"]]);
});

test("two dashes end the flags", () => assert.deepEqual(values(["-i", "--", "-t"]).args, ["-t"]));

test("errors are in pflag's words", () => {
  const refused = (words: string[], message: string) =>
    assert.throws(
      () => values(words),
      (error) => error instanceof FlagError && error.message === message,
    );
  refused(["--foo"], "unknown flag: --foo");
  refused(["-ix"], "unknown shorthand flag: 'x' in -x");
  refused(["--name"], "flag needs an argument: --name");
  refused(["-ie"], "flag needs an argument: 'e' in -e");
  refused(["--last=a"], 'invalid argument "a" for "-n, --last" flag: strconv.ParseInt: parsing "a": invalid syntax');
  refused(["--=a"], "bad flag syntax: --=a");
});
