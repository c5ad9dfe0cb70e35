/** Volumes with options are mounted on the host, once for all containers: by mount(8), since node has no mount(2). */
import { execFile } from "node:child_process";
import { EngineError } from "../../engine/errors.ts";

/** @param options docker's type, o, device */
export async function mountVolume(directory: string, options: Record<string, string>): Promise<void> {
  const { type = "", o = "", device = "" } = options;
  // -i: no mount.<type> helper, as docker calls mount(2) itself.
  const args = ["-i", "-t", type, ...(o === "" ? [] : ["-o", o]), "--", device, directory];
  try {
    await run("mount", args);
  } catch (cause) {
    const why = reason(cause);
    throw new EngineError(
      "internal",
      `error while mounting volume '${directory}': failed to mount local volume: mount ${device}:${directory}${o === "" ? "" : `, data: ${o}`}: ${why}`,
      { cause },
    );
  }
}

export async function unmountVolume(directory: string): Promise<void> {
  try {
    await run("umount", ["--", directory]);
  } catch (cause) {
    throw new EngineError("conflict", `unmount ${directory}: ${reason(cause)}`, { cause });
  }
}

function run(program: "mount" | "umount", args: string[]): Promise<void> {
  return new Promise((done, fail) => {
    execFile(
      program,
      args,
      { env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" } },
      (error, _stdout, stderr) => {
        if (!error) return done();
        fail(
          error.code === "ENOENT"
            ? new Error(`${program} is missing; install the package mount`)
            : new Error(stderr.trim()),
        );
      },
    );
  });
}

/** mount(8) ends its message with the errno's text; docker's clients look for that. */
function reason(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (/does not exist/.test(text)) return "no such file or directory";
  return (text.split("\n")[0] ?? "").replace(/^u?mount: [^:]*: /, "").replace(/\.$/, "");
}
