/** A root file system made of the static busybox of the host: what tests run in. */
import { readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { command } from "./command.ts";
import type { TestEngine } from "./engine.ts";

let made: Promise<Buffer> | undefined;

/** The root as a tar archive: /bin/busybox, a link for each applet, /etc/passwd and group, empty usual directories. */
export function busyboxTar(): Promise<Buffer> {
  made ??= makeTar();
  return made;
}

/** Import it as busybox:latest (or another name) by `docker import`. */
export async function importBusybox(engine: TestEngine, name = "busybox:latest"): Promise<void> {
  const outcome = await command(
    "docker",
    [
      "import",
      "-c",
      'CMD ["sh"]',
      "-c",
      "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "-",
      name,
    ],
    {
      env: { DOCKER_HOST: engine.host },
      input: await busyboxTar(),
    },
  );
  if (outcome.code !== 0) throw new Error(`docker import: ${outcome.stderr}`);
}

async function makeTar(): Promise<Buffer> {
  const applets = (await command("/bin/busybox", ["--list"])).stdout
    .split("\n")
    .filter((name) => name !== "" && name !== "busybox");
  const archive = pack();
  const mtime = new Date(1_700_000_000_000);
  for (const name of ["bin", "dev", "etc", "home", "proc", "root", "sys", "usr", "usr/bin", "var"])
    archive.entry({ name: `${name}/`, type: "directory", mode: 0o755, mtime });
  archive.entry({ name: "tmp/", type: "directory", mode: 0o1777, mtime });
  archive.entry({ name: "bin/busybox", mode: 0o755, mtime }, readFileSync("/bin/busybox"));
  for (const applet of applets)
    archive.entry({ name: `bin/${applet}`, type: "symlink", linkname: "busybox", mode: 0o777, mtime });
  archive.entry(
    { name: "etc/passwd", mode: 0o644, mtime },
    "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n",
  );
  archive.entry(
    { name: "etc/group", mode: 0o644, mtime },
    "root:x:0:\ndaemon:x:1:\nstaff:x:50:daemon\nnobody:x:65534:\n",
  );
  archive.finalize();
  return await buffer(archive);
}
