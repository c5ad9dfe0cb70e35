import { spawnSync } from "node:child_process";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";

/** Raw mode until the returned function is called; a process that ends first restores it too. */
export function rawTerminal(input: NodeJS.ReadStream): () => void {
  if (!input.isTTY || input.isRaw) return () => {};
  const restore = () => {
    process.off("exit", restore);
    if (input.isRaw) input.setRawMode(false);
  };
  process.on("exit", restore);
  input.setRawMode(true);
  // node's raw mode goes on turning \n into \r\n on the way out (libuv sets ONLCR): a full-screen program in the container
  // that means "one line down" by \n would find itself at the left edge. tty_ioctl(4), stty(1)
  spawnSync("stty", ["-opost"], { stdio: ["inherit", "ignore", "ignore"] });
  return restore;
}

/** A container's terminal needs one here if input goes to it. */
export function checkTerminal(cli: Cli, attachStdin: boolean, tty: boolean): void {
  if (attachStdin && tty && !cli.in.isTTY) throw new CliError("the input device is not a TTY");
}

/**
 * Gives the container's terminal the size of ours, now and whenever it changes.
 * @param path "/containers/ID" or "/exec/ID"
 * @param redraw first another size, so that a program that has drawn its screen already draws it again for us
 * @returns a function that ends it
 */
export function followSize(cli: Cli, path: string, redraw = false): () => void {
  if (!cli.out.isTTY) return () => {};
  const resize = async (triesLeft: number, more = 0): Promise<void> => {
    try {
      await cli.engine
        .open("POST", `${path}/resize`, { query: { h: (cli.out.rows ?? 0) + more, w: (cli.out.columns ?? 0) + more } })
        .then((reply) => reply.resume());
    } catch {
      // The process may not have its terminal yet; one that has ended needs no size.
      if (triesLeft > 0) setTimeout(() => resize(triesLeft - 1), 50).unref();
    }
  };
  const onResize = () => resize(0);
  (redraw ? resize(0, 1) : Promise.resolve()).then(() => resize(5));
  cli.out.on("resize", onResize);
  return () => cli.out.off("resize", onResize);
}
