/** Whose is it? Pure: things on one side, what the engine knows on the other. */
import type { Claim, Finding, Owner, Thing } from "./things.ts";

export type KnownContainer = {
  id: string;
  name: string;
  /** it has a process */
  running: boolean;
  /** a start or an end is being worked off: what belongs to a run may come and go */
  changing: boolean;
  hostInterfaces: string[];
  ports: { proto: string; port: number }[];
};

export type Known = {
  containers: KnownContainer[];
  /** ids of containers that are being created and are not in the list yet */
  beingMade: (id: string) => boolean;
  volumes: ReadonlySet<string>;
  /** links: its bridge, or the parent that was made for it */
  networks: { id: string; name: string; links: string[] }[];
  /** by layer directory, and by hex digest of the archive: the image that has it */
  layers: ReadonlyMap<string, Owner>;
  blobs: ReadonlyMap<string, Owner>;
};

export function attribute(things: Thing[], known: Known): Finding[] {
  // An id that only stands on a cgroup may be another engine's; one that also stands below our roots is ours.
  const provenIds = things.flatMap(({ claim, ours }) =>
    ours && (claim.type === "container" || claim.type === "run") ? [claim.id] : [],
  );
  const isProven = (id: string) =>
    known.containers.some((container) => container.id === id) || provenIds.some((proven) => id.startsWith(proven));
  return things.map((thing) => {
    const { owner, note, pending } = ownerOf(thing.claim, known);
    const base = { Kind: thing.kind, Name: thing.name, ...(thing.bytes !== undefined && { Size: thing.bytes }) };
    if (owner) return { ...base, State: "owned", Owner: owner, Note: note };
    if (pending) return { ...base, State: "unknown", Owner: null, Note: note };
    const ours = thing.ours || (thing.claim.type === "run" && isProven(thing.claim.id));
    if (ours && thing.claim.type !== "none") return { ...base, State: "orphan", Owner: null, Note: note };
    return {
      ...base,
      State: "unknown",
      Owner: null,
      Note: note ? `${note}; it may be another engine's` : "may be another engine's",
    };
  });
}

type Attribution = { owner?: Owner; note: string; pending?: boolean };

function ownerOf(claim: Claim, known: Known): Attribution {
  switch (claim.type) {
    case "engine":
      return { owner: { Type: "engine", ID: "", Name: "" }, note: "" };
    case "container":
      return ofContainer(claim.id, known);
    case "run":
      return ofRun(claim.id, known);
    case "volume":
      return known.volumes.has(claim.name)
        ? { owner: { Type: "volume", ID: claim.name, Name: claim.name }, note: "" }
        : // Somebody's data: the next start makes a volume of it.
          { note: "there is no such volume yet", pending: true };
    case "layer":
      return owned(known.layers.get(claim.name), "no image has this layer");
    case "blob":
      return owned(known.blobs.get(claim.digest), "no image has this layer");
    case "link": {
      const network = known.networks.find(({ links }) => links.includes(claim.name));
      return network
        ? { owner: { Type: "network", ID: network.id, Name: network.name }, note: "" }
        : { note: "no network of this engine has this link" };
    }
    case "endpoint":
      return amongRunning(
        known,
        ({ hostInterfaces }) => hostInterfaces.includes(claim.name),
        "no running container has it",
      );
    case "port": {
      const published = (container: KnownContainer) =>
        container.ports.some(({ proto, port }) => proto === claim.proto && port === claim.port);
      return amongRunning(known, published, "no running container publishes it");
    }
    case "none":
      return { note: "" };
    default:
      throw new TypeError(`unknown claim ${claim satisfies never}`);
  }
}

function ofContainer(id: string, known: Known): Attribution {
  const container = known.containers.find((it) => it.id === id);
  if (container) return { owner: containerOwner(container), note: "" };
  if (known.beingMade(id)) return { note: "the container is being made", pending: true };
  return { note: "there is no such container" };
}

function ofRun(id: string, known: Known): Attribution {
  const container = known.containers.find((it) => it.id.startsWith(id));
  // A build's secrets lie there under an id that is reserved as long as the step runs.
  if (!container && known.beingMade(id)) return { note: "a step of a build has it", pending: true };
  if (!container) return { note: "there is no such container" };
  if (container.running) return { owner: containerOwner(container), note: "" };
  if (container.changing) return { note: `container ${container.name} is starting or ending`, pending: true };
  return { note: `container ${container.name} does not run` };
}

function amongRunning(known: Known, has: (container: KnownContainer) => boolean, note: string): Attribution {
  const container = known.containers.find((it) => it.running && has(it));
  if (container) return { owner: containerOwner(container), note: "" };
  const changing = known.containers.some((it) => it.changing);
  return changing ? { note: "containers are starting or ending", pending: true } : { note };
}

function owned(owner: Owner | undefined, note: string): Attribution {
  return owner ? { owner, note: "" } : { note };
}

const containerOwner = ({ id, name }: KnownContainer): Owner => ({ Type: "container", ID: id, Name: name });
