/** Networks for real: the engine's part over the host's, and containers that are one server each, made by the launcher. */

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Container, ContainerRecord } from "../../src/engine/containers/container.ts";
import { aRecord } from "../../src/engine/containers/fixtures.ts";
import { createEventBus, type EngineEvent } from "../../src/engine/events.ts";
import { despiteLeftovers } from "../../src/engine/networks/leftover-links.ts";
import { createNetworks, type Networks } from "../../src/engine/networks/networks.ts";
import type { Connector, EndpointRequest, Launched } from "../../src/engine/ports.ts";
import { createLauncher } from "../../src/host/launcher/launcher.ts";
import { createDnsServers } from "../../src/host/net/dns-servers.ts";
import { createHostNetwork } from "../../src/host/net/host-network.ts";
import { recordTable } from "../../src/host/net/record-table.ts";
import type { PlannedOp } from "../../src/isolation/plan.ts";
import type { NetworkSpec } from "../../src/isolation/spec.ts";
import { binary } from "../native/harness.ts";
import { command } from "../support/command.ts";
import { until } from "../support/until.ts";

const NEWNET = 0x40000000;
/** Answers on TCP port 80 with its name and the client's address, and on UDP port 80 with name and message. */
const SERVER = `
  const name = process.argv[1];
  require("node:net").createServer((s) => { s.on("error", () => {}); s.end(name + " " + s.remoteAddress); }).listen(80, "0.0.0.0");
  const u = require("node:dgram").createSocket("udp4");
  u.on("message", (m, from) => u.send(name + " " + m, from.port, from.address)).bind(80);`;

export type SceneContainer = {
  record: ContainerRecord;
  pid: number;
  /** Run a shell line in its network namespace; stdout and stderr. */
  run(line: string): Promise<string>;
  /** What a server answers to it; "" if nothing. */
  ask(host: string, port: number): Promise<string>;
  stop(): Promise<void>;
};
export type Ports = Parameters<Connector["prepare"]>[0]["ports"];
export type Scene = {
  networks: Networks & Connector;
  events: EngineEvent[];
  log: string[];
  /** Name servers of the "host"; none, until a test adds one. */
  upstreams: string[];
  start(
    name: string,
    endpoints: (Partial<EndpointRequest> & { network: string })[],
    ports?: Ports,
  ): Promise<SceneContainer>;
  /** A new engine over the same database, containers and kernel. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

export const tcp = (containerPort: number, hostPort: number | [number, number] = 0, hostIp = ""): Ports[number] => ({
  proto: "tcp",
  containerPort,
  hostIp,
  hostPort,
});

export async function openScene(options: { bridge?: string; bip?: string } = {}): Promise<Scene> {
  const bridge = options.bridge ?? "clt0";
  const database = new DatabaseSync(":memory:");
  const launcher = await createLauncher({ binary, socket: join(tmpdir(), `cloche-${bridge}-${process.pid}.sock`) });
  const containers: Container[] = [];
  const running = new Map<string, Launched>();
  const events: EngineEvent[] = [];
  const log: string[] = [];
  const upstreams: string[] = [];

  async function open(): Promise<Networks & Connector> {
    const bus = createEventBus(() => process.hrtime.bigint());
    bus.subscribe((event) => events.push(event));
    const say = (message: string) => void log.push(message);
    const store = {
      all: () => containers,
      find: (ref: string) => {
        const found = containers.find(({ record }) => record.id === ref || record.name === ref);
        if (!found) throw new Error(`no container ${ref}`);
        return found;
      },
      save: () => {},
    };
    return await createNetworks({
      table: recordTable(database, "networks"),
      host: createHostNetwork({ table: `cloche_${bridge}`, log: say, launcher, binary: launcher.path }),
      names: createDnsServers({ store, upstreams: () => upstreams, log: say }),
      store,
      events: bus,
      clock: { now: () => new Date().toISOString() },
      newId: () => randomBytes(32).toString("hex"),
      options: { bridge, bip: options.bip ?? "", ip: "", icc: true, mtu: 0, addressPools: [] },
      log: say,
    });
  }

  const scene: Scene = {
    networks: await open(),
    events,
    log,
    upstreams,
    async start(name, wanted, ports = []) {
      const id = randomBytes(32).toString("hex");
      const prepared = await scene.networks.prepare({
        endpoints: wanted.map((one) => ({ containerId: id, name, hostname: name, aliases: [], ...one })),
        ports,
      });
      const plan = { version: 1 as const, ops: serverPlan(name, prepared.spec) };
      const launched = await despiteLeftovers(prepared.endpoints, () => launcher.launch(plan)).catch(async (error) => {
        await scene.networks.release(id);
        throw error;
      });
      running.set(id, launched);
      const { pid } = launched.process;
      const record = aRecord({ id, name, endpoints: prepared.endpoints, ports: prepared.ports });
      record.state = { ...record.state, status: "running", process: launched.process };
      record.networking = {};
      record.hostConfig.NetworkMode = "default";
      containers.push({ record, exclusive: (work: () => Promise<unknown>) => work() } as Container);
      await scene.networks.activate(id, launched.process, prepared.endpoints, prepared.ports);
      await until(() => /:0050 0+:0000 0A/.test(readFileSync(`/proc/${pid}/net/tcp`, "utf8")), {
        what: `${name} listens`,
      });
      const run = async (line: string) => {
        const outcome = await command("nsenter", [`--net=/proc/${pid}/ns/net`, "sh", "-c", line]);
        return (outcome.stdout + outcome.stderr).trim();
      };
      return {
        record,
        pid,
        run,
        ask: async (host, port) =>
          (await command("nsenter", [`--net=/proc/${pid}/ns/net`, "busybox", "nc", "-w", "2", host, String(port)]))
            .stdout,
        async stop() {
          containers.splice(
            containers.findIndex((container) => container.record === record),
            1,
          );
          running.delete(id);
          await launched.channel.signal(9).catch(() => {});
          await launched.exit;
          launched.channel.close();
          await scene.networks.release(id);
        },
      };
    },
    async restart() {
      await scene.networks.close();
      scene.networks = await open();
    },
    async close() {
      for (const launched of running.values()) {
        await launched.channel.signal(9).catch(() => {});
        await launched.exit;
        launched.channel.close();
      }
      for (const { record } of containers.splice(0)) await scene.networks.release(record.id);
      await scene.networks.close();
      await launcher.close();
      database.close();
    },
  };
  return scene;
}

function serverPlan(name: string, spec: NetworkSpec): PlannedOp[] {
  const argv = [process.execPath, "-e", SERVER, name];
  return [
    {
      op: "stdio",
      pty: false,
      rows: 0,
      cols: 0,
      stdin: false,
      stdinOnce: false,
      attached: false,
      stage: "launcher",
      phase: "stdio",
    },
    { op: "clone", flags: NEWNET, stage: "launcher", phase: "namespaces" },
    ...spec.host.map(
      (part): PlannedOp => ({ op: "netlink", ...part, optional: false, stage: "parent", phase: "network" }),
    ),
    ...spec.container.map(
      (part): PlannedOp => ({
        op: "netlink",
        label: part.label,
        messages: part.messages,
        optional: part.optional ?? false,
        stage: "container",
        phase: "network",
      }),
    ),
    { op: "pipes", stage: "container", phase: "stdio" },
    { op: "close_range", first: 3, stage: "container", phase: "exec" },
    { op: "execve", argv, env: [], searchPath: "/bin", stage: "container", phase: "exec" },
  ];
}

/** What a server answers to this process; "" if it refuses, or says nothing within 3 s. */
export function ask(host: string, port: number): Promise<string> {
  return new Promise((done) => {
    let answer = "";
    const socket = connect({ host, port, timeout: 3000 });
    socket.on("data", (data) => {
      answer += data;
    });
    socket.on("timeout", () => socket.destroy());
    socket.on("error", () => {});
    socket.on("close", () => done(answer));
  });
}
