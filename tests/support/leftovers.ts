/** What tests and engines could leave on the machine, as lists of readable lines. */
import { existsSync, globSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { command } from "./command.ts";

export type Leftovers = Record<
  "mounts" | "cgroups" | "processes" | "links" | "tables" | "namespaces" | "folders",
  string[]
>;

export async function leftovers(): Promise<Leftovers> {
  const lines = async (...words: [string, ...string[]]) => (await command(words[0], words.slice(1))).stdout.split("\n");
  return {
    mounts: readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .filter((line) => /cloche/.test(line)),
    cgroups: globSync([
      "/sys/fs/cgroup/{docker,docker-test}*/*/",
      "/sys/fs/cgroup/*/{docker,docker-test}*/*/",
      "/sys/fs/cgroup/{docker-test-*,*/docker-test-*}/",
      "/sys/fs/cgroup/*.slice/docker-*.scope/",
    ]).filter((path) => existsSync(`${path}/cgroup.procs`)),
    processes: processes(),
    links: (await lines("ip", "-o", "link"))
      .map((line) => /^\d+: ([^:@]+)/.exec(line)?.[1] ?? "")
      .filter((name) => /^(clt|cld|cloche|veth|br-[0-9a-f]{12}$)/.test(name)),
    tables: (await lines("nft", "list", "tables")).filter((line) => /cloche/.test(line)),
    namespaces: existsSync("/run/netns") ? readdirSync("/run/netns").filter((name) => /clt|cloche/.test(name)) : [],
    folders: readdirSync(tmpdir()).filter((name) => /^cloche-/.test(name)),
  };
}

function processes(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const name = readFileSync(`/proc/${pid}/comm`, "utf8").trim();
        const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        const ours = name.startsWith("cloche:") || /cloche-(test|demo)-/.test(words);
        return ours ? [`${pid} ${name} ${words} ${readlinkSync(`/proc/${pid}/exe`)}`] : [];
      } catch {
        return []; // it has just ended
      }
    });
}
