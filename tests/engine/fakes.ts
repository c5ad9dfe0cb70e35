/** An engine's container part on fakes: no kernel, no disk, a clock that tests turn. */

import type { ContainerRecord } from "../../src/engine/containers/container.ts";
import { createContainers, createStore, type Deps } from "../../src/engine/containers/index.ts";
import { EngineError, notFound } from "../../src/engine/errors.ts";
import { createEventBus, type EngineEvent } from "../../src/engine/events.ts";
import type { ExitRecord, Launched, MonitorChannel } from "../../src/engine/ports.ts";
import type { IsolationSpec } from "../../src/isolation/spec.ts";
import { decodeCreate } from "../../src/wire/decode-container.ts";
import type { Image, ImageConfig } from "../../src/wire/image.ts";

export type FakeProcess = {
  spec: IsolationSpec;
  /** signals that it got */
  signals: number[];
  end(exit: Partial<ExitRecord>): void;
  /** the monitor dies and leaves no record */
  vanish(): void;
};

export type World = ReturnType<typeof createWorld>;

/** @param stored what the state holds when the engine starts */
export function createWorld(options: { stored?: ContainerRecord[]; imageConfig?: ImageConfig } = {}) {
  const log: string[] = [];
  const events: EngineEvent[] = [];
  const saved = new Map((options.stored ?? []).map((record) => [record.id, structuredClone(record)]));
  const processes = new Map<string, FakeProcess>();
  const exitRecords = new Map<string, ExitRecord>();
  const runtime = new Set<string>();
  const clock = fakeClock();
  let ids = 0;
  let launchFailure: Error | undefined;

  const image: Image = {
    id: `sha256:${"e".repeat(64)}`,
    repoTags: ["busybox:latest"],
    repoDigests: [],
    size: 100,
    config: {
      architecture: "amd64",
      os: "linux",
      config: options.imageConfig ?? { Cmd: ["sh"], Env: ["PATH=/bin"] },
      rootfs: { type: "layers", diff_ids: [`sha256:${"d".repeat(64)}`] },
    },
  };

  const bus = createEventBus(() => BigInt(events.length + 1));
  bus.subscribe((event) => events.push(event));
  const store = createStore({
    records: {
      save: (record) => void saved.set(record.id, structuredClone(record)),
      delete: (id) => void saved.delete(id),
      loadAll: () => [...saved.values()].map((record) => structuredClone(record)),
    },
    newStreams: () => ({ wanted: false, bind() {}, abandon() {} }),
  });

  const connect = (id: string): MonitorChannel => {
    const process = processes.get(id);
    if (!process) throw notFound(`no monitor of ${id}`);
    const closed = Promise.withResolvers<void>();
    closers.get(id)?.push(closed.resolve);
    return {
      onOutput() {},
      onEnd() {},
      pause() {},
      resume() {},
      subscribe() {},
      writeStdin: () => true,
      onDrain() {},
      closeStdin() {},
      resize: async () => {},
      async signal(number) {
        if (processes.get(id) !== process) throw new EngineError("conflict", "process is gone");
        process.signals.push(number);
        // The answer comes before the end is noticed, as with a real monitor.
        if (number === 9) setImmediate(() => process.end({ exitCode: 137, signal: 9 }));
      },
      packed: async () => {},
      close: closed.resolve,
      closed: closed.promise,
    };
  };
  const closers = new Map<string, (() => void)[]>();

  const deps: Deps = {
    store,
    events: bus,
    clock,
    newId: () => (++ids).toString(16).padStart(64, "0"),
    images: {
      find(ref) {
        if (!["busybox", "busybox:latest", image.id].includes(ref)) throw notFound(`No such image: ${ref}:latest`);
        return image;
      },
    },
    logFiles: { watch: () => () => {}, compress: async () => {} },
    health: { started() {}, stopped() {} },
    layers: {
      createContainerLayer: async (id) => {
        log.push(`layer ${id}`);
        return { base: "/layers", lowers: ["l1"], upper: `${id}/upper`, work: `${id}/work` };
      },
      removeContainerLayer: async (id) => void log.push(`remove layer ${id}`),
      keepImageLayers: async () => ({ base: "/layers", lowers: ["l1", "empty"] }),
      containerLayerSize: async () => 7,
      imageLayersSize: async () => 100,
      readMerged: async (_id, path) =>
        path === "/etc/passwd" ? Buffer.from("root:x:0:0:root:/root:/bin/sh\n") : undefined,
      statMerged: async () => undefined,
    },
    connector: {
      prepare: async () => ({ endpoints: [], ports: [], spec: { host: [], container: [] } }),
      activate: async () => {},
      release: async (id) => void log.push(`release network ${id}`),
    },
    volumes: {
      acquire: async (name) => ({
        name: name || "f".repeat(64),
        mountpoint: `/volumes/${name || "anonymous"}/_data`,
        created: true,
        driver: "local",
      }),
      populate: async (name, _layer, _mountpoint, path) => void log.push(`populate ${name} from ${path}`),
      started() {},
      stopped() {},
      release: async (id, anonymous) => void log.push(`release volumes ${id} ${anonymous}`),
    },
    devices: { at: async () => undefined, all: async () => [] },
    files: {
      of: (id) => ({
        directory: `/data/${id}`,
        hostname: `/data/${id}/hostname`,
        hosts: `/data/${id}/hosts`,
        resolvConf: `/data/${id}/resolv.conf`,
        log: `/data/${id}/${id}-json.log`,
        mountpoint: `/run/${id}/root`,
        socket: id,
        imageMounts: `/run/${id}/image-`,
        secrets: `/run/${id}/secret-`,
        exitRecord: id,
      }),
      prepare: (id) => void runtime.add(id),
      edit() {},
      removeRuntime: (id) => void runtime.delete(id),
      remove: async (id) => void log.push(`remove files ${id}`),
      ids: () => [],
      runtimeIds: () => [...runtime],
      hostResolvConf: () => "nameserver 192.0.2.1\n",
    },
    paths: {
      kind: (path) => (path.startsWith("/missing") ? undefined : "dir"),
      makeDirectory: (path) => void log.push(`mkdir ${path}`),
      mountOf: () => ({ mountpoint: "/", shared: false, slave: false }),
    },
    cgroups: {
      layout: { version: "v2", mountpoint: "/cg", controllers: [] },
      driver: "cgroupfs",
      keeperPlace: () => undefined,
      prepare: async () => {},
      features: async () => features,
      update: async (_path, resources) => void log.push(`limits ${JSON.stringify(resources)}`),
      freeze: async () => void log.push("freeze"),
      thaw: async () => void log.push("thaw"),
      pids: async () => [],
      sample: async () => undefined,
      meter: () => ({ read: () => undefined, everything() {}, close() {} }),
      look: () => ({ usage: () => undefined }),
      remove: async (path) => void log.push(`remove cgroup ${path}`),
      exists: async () => false,
    },
    processes: {
      identify: async () => undefined,
      isAlive: async () => true,
    },
    settings: {
      features,
      cgroupParent: "/docker",
      cpus: 2,
      memoryNodes: "0",
      kernel: "6.1.0",
      capabilities: ["CHOWN", "KILL", "NET_ADMIN"],
      hostHostname: "hosty",
      hostGateway: "172.17.0.1",
      dns: [],
      dnsOptions: [],
      dnsSearch: [],
      defaults: { ulimits: [], shmSize: 0, ipcMode: "", cgroupnsMode: "", init: false, noNewPrivileges: false },
      logConfig: { Type: "json-file", Config: {} },
      apparmor: false,
      selinux: false,
    },
    // The fake launcher reads the spec from where a plan would be.
    compile: (spec) => Object.assign({ version: 1 as const, ops: [] }, { spec }),
    launcher: {
      launchStream: () => Promise.reject(new Error("no files here")),
      async launch(plan) {
        if (launchFailure) throw launchFailure;
        const spec = (plan as typeof plan & { spec: IsolationSpec }).spec;
        const id = spec.monitor.socket;
        const exit = Promise.withResolvers<ExitRecord | undefined>();
        closers.set(id, []);
        const finish = (record: ExitRecord | undefined) => {
          processes.delete(id);
          if (record) exitRecords.set(id, record);
          exit.resolve(record);
          for (const close of closers.get(id) ?? []) close();
        };
        const process: FakeProcess = {
          spec,
          signals: [],
          end: (given) => finish({ exitCode: 0, signal: 0, counters: {}, finishedAt: clock.now(), ...given }),
          vanish: () => finish(undefined),
        };
        processes.set(id, process);
        const pid = 1000 + processes.size;
        return {
          process: { pid, startTime: pid },
          monitorPid: pid + 1,
          warnings: [],
          timings: [],
          channel: connect(id),
          exit: exit.promise,
        } satisfies Launched;
      },
      connect: async (socket) => connect(socket),
      readExitRecord: async (path) => exitRecords.get(path),
    },
    log: (message) => void log.push(`log: ${message}`),
  };
  const containers = createContainers(deps);
  return {
    containers,
    deps,
    store,
    clock,
    /** what was asked of the outside */
    log,
    events,
    actions: () => events.map((event) => event.Action),
    saved,
    runtime,
    exitRecords,
    process(id: string): FakeProcess {
      const process = processes.get(id);
      if (!process) throw new Error(`no process of ${id}`);
      return process;
    },
    failLaunches: (error: Error | undefined) => {
      launchFailure = error;
    },
    /** Create by docker's JSON. @returns the id */
    async create(body: object, name = ""): Promise<string> {
      const { Id } = await containers.create({ ...decodeCreate({ Image: "busybox", ...body }), name });
      return Id;
    },
    inspect: (ref: string) => containers.inspect(ref, { size: false }),
  };
}

const features = {
  memoryLimit: true,
  memoryReservation: true,
  swapLimit: true,
  swappiness: false,
  oomKillDisable: false,
  cpuShares: true,
  cpuQuota: true,
  cpuRealtime: false,
  cpuset: true,
  pidsLimit: true,
  blkioWeight: true,
  blkioThrottle: true,
  devices: true,
  freezer: true,
};

/** A clock that stands until a test turns it; delays end then. */
function fakeClock() {
  let now = Date.parse("2026-01-01T00:00:00Z");
  const sleepers = new Set<{ until: number; wake: () => void }>();
  return {
    now: () => new Date(now).toISOString(),
    monotonic: () => now,
    delay(ms: number, signal?: AbortSignal) {
      return new Promise<void>((resolve, reject) => {
        const sleeper = { until: now + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      });
    },
    /** How long the next sleeper has to wait, ms; undefined if nobody sleeps. */
    nextDelay(): number | undefined {
      const [first] = [...sleepers].map(({ until }) => until - now).sort((a, b) => a - b);
      return first;
    },
    async advance(ms: number) {
      now += ms;
      for (const sleeper of sleepers) {
        if (sleeper.until > now) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      await settled();
    },
  };
}

/** Everything that is ready to run has run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
