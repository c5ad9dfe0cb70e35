/** What must hold of an engine at any time that it rests: nothing on the host without an owner among what it lists. */
import { globSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { command } from "../support/command.ts";
import { projectRoot, startEngine, type TestEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";

/** An engine whose cgroups lie under a parent of their own, so that every one of them can be held to be its. */
export async function startScene(args: string[] = []): Promise<TestEngine & { cgroupParent: string }> {
  // Engines are started by the dozen here. One that is killed writes no cache, so one is let run to its end.
  const cache = mkdtempSync(join(tmpdir(), "cloche-compiled-"));
  process.env.NODE_COMPILE_CACHE = cache;
  await command(process.execPath, [
    "--disable-warning=ExperimentalWarning",
    join(projectRoot, "src/main.ts"),
    "--help",
  ]);
  const cgroupParent = `/docker-test-survival-${process.pid}-${Date.now().toString(36)}`;
  const engine = await startEngine(["--cgroup-driver", "cgroupfs", "--cgroup-parent", cgroupParent, ...args]);
  const { stop } = engine;
  return Object.assign(engine, {
    cgroupParent,
    async stop() {
      await stop();
      rmSync(cache, { recursive: true, force: true });
      for (const path of cgroupsAt(cgroupParent)) rmdirSync(path);
    },
  });
}

type Scene = Awaited<ReturnType<typeof startScene>>;

/** Wait until nothing is left over, for what is being cleared away may take its time; throws with the list. */
export async function assertNothingLeftOver(scene: Scene): Promise<void> {
  let left: string[] = [];
  await until(
    async () => {
      left = await leftOver(scene);
      return left.length === 0;
    },
    { what: () => `nothing is left over:\n${left.join("\n")}\n${scene.log().split("\n").slice(-12).join("\n")}` },
  );
}

/** One line for each thing without an owner, or owner without its thing. */
export async function leftOver(scene: Scene): Promise<string[]> {
  const containers = await inspectAll(scene, "container", ["ps", "-aq", "--no-trunc"]);
  const running = containers.filter(({ State }) => State.Pid > 0);
  const ids = new Set(containers.map(({ Id }) => Id));
  const live = new Set(running.map(({ Id }) => Id));
  const sockets = new Set([...live].map((id) => id.slice(0, 32)));
  const volumes = await list(scene, ["volume", "ls", "-q"]);
  const used = new Set(containers.flatMap(({ Mounts }) => Mounts.map(({ Name }) => Name)));
  const images = await inspectAll(scene, "image", ["images", "-q", "--no-trunc"]);
  const layers = new Set(images.flatMap((image) => image.RootFS?.Layers ?? []));
  const data = (...parts: string[]) => names(join(scene.dataRoot, ...parts));
  const layerDirectories = data("layers").filter((name) => name !== "empty");

  return [
    ...data("containers")
      .filter((id) => !ids.has(id))
      .map((id) => `directory of no container: ${id}`),
    ...names(join(scene.execRoot, "containers"))
      .filter((id) => !live.has(id))
      .map((id) => `runtime directory: ${id}`),
    ...names(join(scene.execRoot, "s"))
      .filter((name) => !sockets.has(name))
      .map((name) => `monitor socket: ${name}`),
    ...listening(scene.execRoot)
      .filter((name) => !sockets.has(name))
      .map((name) => `a monitor listens on ${name}`),
    ...data("tmp").map((name) => `half made: tmp/${name}`),
    ...data("trash").map((name) => `not deleted: trash/${name}`),
    ...data("volumes")
      .filter((name) => !volumes.includes(name))
      .map((name) => `directory of no volume: ${name}`),
    ...volumes
      .filter((name) => /^[0-9a-f]{64}$/.test(name) && !used.has(name))
      .map((name) => `volume of no container: ${name}`),
    ...(layerDirectories.length === layers.size ? [] : [`${layerDirectories.length} layers, ${layers.size} expected`]),
    ...(data("content", "sha256").length === layers.size
      ? []
      : [`${data("content", "sha256").length} blobs, ${layers.size} expected`]),
    ...mounts()
      .filter((mount) => mount.startsWith(scene.directory))
      .map((mount) => `mount: ${mount}`),
    ...cgroupsAt(`${scene.cgroupParent}/*`)
      .filter((path) => !live.has(path.split("/").at(-1) ?? ""))
      .map((path) => `cgroup: ${path}`),
    ...[...live]
      .filter((id) => cgroupsAt(`${scene.cgroupParent}/${id}`).length === 0)
      .map((id) => `no cgroup of running container ${id}`),
    ...(await networkLeftOver(scene, running)),
    ...(await orphansByCheck(scene)),
  ];
}

/** What the engine itself says (`cloche system check`): a second opinion, and a test of it. */
async function orphansByCheck(scene: Scene): Promise<string[]> {
  const reply = await new Promise<IncomingMessage>((done, fail) =>
    get({ socketPath: scene.socket, path: "/cloche/v1/check" }, done).once("error", fail),
  );
  const { Findings } = (await json(reply)) as {
    Findings: { State: string; Kind: string; Name: string; Note: string }[];
  };
  return Findings.filter(({ State }) => State === "orphan").map(
    ({ Kind, Name, Note }) => `check: ${Kind} ${Name}: ${Note}`,
  );
}

async function networkLeftOver(scene: Scene, running: Inspected[]): Promise<string[]> {
  const bridged = running.filter(({ HostConfig }) => ["bridge", "default"].includes(HostConfig.NetworkMode));
  const links = JSON.parse(
    (await command("ip", ["-json", "link", "show", "master", scene.bridge])).stdout || "[]",
  ).filter((link: object) => Object.keys(link).length > 0);
  const ports = bridged.flatMap(({ NetworkSettings }) =>
    Object.values(NetworkSettings.Ports).flatMap((to) => to ?? []),
  );
  const table = await command("nft", ["-j", "list", "table", "inet", `cloche_${scene.bridge}`]);
  const elements: number = JSON.parse(table.stdout || '{"nftables":[]}')
    .nftables.filter(({ map }: { map?: object }) => map)
    .reduce((sum: number, { map }: { map: { elem?: unknown[] } }) => sum + (map.elem?.length ?? 0), 0);
  return [
    ...(links.length === bridged.length
      ? []
      : [`${links.length} interfaces in the bridge, ${bridged.length} expected`]),
    ...(elements === ports.length ? [] : [`${elements} published ports in nft, ${ports.length} expected`]),
  ];
}

type Inspected = {
  Id: string;
  State: { Pid: number; Status: string };
  HostConfig: { NetworkMode: string };
  NetworkSettings: { Ports: Record<string, unknown[] | null> };
  Mounts: { Name?: string }[];
  RootFS?: { Layers: string[] };
};

/** What vanishes between the list and the look at it is left out. */
async function inspectAll(scene: Scene, kind: string, listing: string[]): Promise<Inspected[]> {
  const refs = [...new Set(await list(scene, listing))];
  if (refs.length === 0) return [];
  return JSON.parse((await scene.docker(kind, "inspect", ...refs)).stdout || "[]");
}

async function list(scene: Scene, words: string[]): Promise<string[]> {
  return (await scene.ok(...words)).split("\n").filter(Boolean);
}

function names(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Names of the sockets under EXEC_ROOT/s that somebody listens on, from /proc/net/unix (proc(5)). */
function listening(execRoot: string): string[] {
  const LISTENS = "00010000"; // __SO_ACCEPTCON
  return readFileSync("/proc/net/unix", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , flags, , , , path]) => flags === LISTENS && path?.startsWith(`${execRoot}/s/`))
    .map((fields) => fields[7]?.slice(execRoot.length + 3) ?? "");
}

function mounts(): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "");
}

/** Directories of a cgroup in whatever hierarchies there are, deepest first. */
function cgroupsAt(pattern: string): string[] {
  return globSync([`/sys/fs/cgroup${pattern}`, `/sys/fs/cgroup/*${pattern}`])
    .filter((path) => names(path).includes("cgroup.procs"))
    .sort((a, b) => b.length - a.length);
}
