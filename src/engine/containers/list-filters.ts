/** The filters of `docker ps`. */
import { type Filters, matchesLabels } from "../../wire/filters.ts";
import { invalid } from "../errors.ts";
import type { ContainerRecord } from "./container.ts";
import type { Deps } from "./deps.ts";
import { isRunning } from "./live.ts";

export const LIST_FILTERS = [
  "ancestor",
  "before",
  "exited",
  "expose",
  "health",
  "id",
  "is-task",
  "isolation",
  "label",
  "name",
  "network",
  "publish",
  "since",
  "status",
  "volume",
];

type Matcher = (record: ContainerRecord) => boolean;

/** Throws invalid with docker's texts; an unknown container of before or since is not-found. */
export async function listMatcher(deps: Pick<Deps, "store" | "images">, filters: Filters): Promise<Matcher> {
  const matchers: Matcher[] = [
    any(filters.values("name"), nameMatches),
    any(filters.values("id"), (record, id) => record.id.startsWith(id) || pattern(id).test(record.id)),
    (record) => matchesLabels(record.config.Labels, filters.values("label")),
    any(oneOf(filters, "status", STATUSES), (record, status) => record.state.status === status),
    any(oneOf(filters, "health", HEALTH), (record, health) => (record.state.health?.Status ?? "none") === health),
    any(filters.values("exited").map(exitCode), (record, code) => hasEnded(record) && record.state.exitCode === code),
    any(oneOf(filters, "is-task", ["true", "false", "1", "0"]), (_record, task) => task === "false" || task === "0"),
    any(filters.values("volume"), (record, volume) =>
      record.mounts.some((mount) => mount.Name === volume || mount.Destination === volume.replace(/(.)\/$/, "$1")),
    ),
    any(filters.values("network"), onNetwork),
    any(
      filters.values("publish").flatMap((text) => portRange("publish", text)),
      publishes,
    ),
    any(
      filters.values("expose").flatMap((text) => portRange("expose", text)),
      exposes,
    ),
    byAge(deps, filters),
    await byAncestor(deps, filters.values("ancestor")),
  ];
  return (record) => matchers.every((matches) => matches(record));
}

/** Docker shows stopped containers as well when these are asked for. */
export function findsStopped(filters: Filters): boolean {
  return ["status", "exited", "before", "since"].some((name) => filters.has(name));
}

const STATUSES = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];
const HEALTH = ["none", "starting", "healthy", "unhealthy"];

/** Several values of one filter: one of them must fit. */
function any<T>(values: T[], matches: (record: ContainerRecord, value: T) => boolean): Matcher {
  return values.length === 0 ? () => true : (record) => values.some((value) => matches(record, value));
}

/** A regular expression; text that is none matches itself. */
function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  }
}

/** With and without the slash, as docker: `^/x$` and `^x$` both work. */
function nameMatches(record: ContainerRecord, text: string): boolean {
  const expression = pattern(text);
  return expression.test(`/${record.name}`) || expression.test(record.name);
}

function oneOf(filters: Filters, name: string, allowed: string[]): string[] {
  const values = filters.values(name);
  const wrong = values.find((value) => !allowed.includes(value));
  if (wrong !== undefined) throw invalid(`invalid filter '${name}=${wrong}'`);
  return values;
}

function exitCode(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw invalid(`strconv.Atoi: parsing "${text}": invalid syntax`);
  return Number(text);
}

const hasEnded = (record: ContainerRecord) => !isRunning(record) && !record.state.finishedAt.startsWith("0001");

function onNetwork(record: ContainerRecord, network: string): boolean {
  const ids = record.endpoints.map((endpoint) => endpoint.networkId);
  const names = [record.hostConfig.NetworkMode, ...Object.keys(record.networking)];
  return names.includes(network) || ids.some((id) => id.startsWith(network));
}

type PortFilter = { port: number; proto: string };

/** "80", "80/udp" or "8000-8010/tcp". */
function portRange(filter: string, text: string): PortFilter[] {
  const match = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp|sctp))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (!match || first > last || last > 65535) {
    throw invalid(`error while looking up for ${filter} ${text}: strconv.ParseUint: parsing "${text}": invalid syntax`);
  }
  return Array.from({ length: last - first + 1 }, (_, index) => ({ port: first + index, proto: match[3] ?? "tcp" }));
}

function publishes(record: ContainerRecord, { port, proto }: PortFilter): boolean {
  return record.ports.some((it) => it.proto === proto && (it.containerPort === port || it.hostPort === port));
}

function exposes(record: ContainerRecord, { port, proto }: PortFilter): boolean {
  return Object.hasOwn(record.config.ExposedPorts ?? {}, `${port}/${proto}`);
}

function byAge({ store }: Pick<Deps, "store">, filters: Filters): Matcher {
  const created = (ref: string) => store.find(ref).record.created;
  const before = filters.values("before").map(created);
  const since = filters.values("since").map(created);
  return (record) =>
    before.every((moment) => record.created < moment) && since.every((moment) => record.created > moment);
}

/** Containers of an image, or of one whose layers begin with that image's. An unknown image matches nothing. */
async function byAncestor({ images }: Pick<Deps, "images">, refs: string[]): Promise<Matcher> {
  if (refs.length === 0) return () => true;
  const ancestors = await Promise.all(
    refs.map(async (ref) => images.find(ref)).map((found) => found.catch(() => undefined)),
  );
  return (record) =>
    ancestors.some((image) => {
      if (!image) return false;
      const layers = image.config.rootfs.diff_ids;
      if (record.imageId === image.id) return true;
      return (
        layers.length > 0 &&
        layers.length <= record.diffIds.length &&
        layers.every((id, at) => record.diffIds[at] === id)
      );
    });
}
