/** What a check looks at: things of the host under this engine's names, and whose they say they are. */

export type ThingKind = "directory" | "mount" | "cgroup" | "interface" | "firewall" | "process";

/** Read off a thing's place or name. */
export type Claim =
  /** the engine's own as a whole: databases, things half made or being deleted, its tables, its launchers */
  | { type: "engine" }
  | { type: "container"; id: string }
  /** of a run of a container: only there while it runs. `id` may be the beginning of one. */
  | { type: "run"; id: string }
  | { type: "volume"; name: string }
  /** an unpacked layer, or the archive that it came from (hex of its digest) */
  | { type: "layer"; name: string }
  | { type: "blob"; digest: string }
  /** a network's bridge, or the parent that was made for it */
  | { type: "link"; name: string }
  /** the host's end of a container's interface */
  | { type: "endpoint"; name: string }
  | { type: "port"; proto: string; port: number }
  /** nothing says whose it is */
  | { type: "none" };

export type Thing = {
  kind: ThingKind;
  /** a path, an interface's or a table's name, a PID with what it calls itself */
  name: string;
  claim: Claim;
  /** only this engine can have made it: it lies below its roots, in its bridges or in its table */
  ours: boolean;
  /** bytes on disk */
  bytes?: number;
};

/** Body in host/check. */
export interface Inventory {
  /** @param names beyond the roots: cgroups of containers (below each hierarchy), bridges and made parents of networks */
  look(names: { cgroups: string[]; links: string[] }): Promise<Thing[]>;
  unmount(path: string): Promise<void>;
  removeInterface(name: string): Promise<void>;
}

export type Owner = {
  Type: "engine" | "container" | "image" | "volume" | "network";
  ID: string;
  Name: string;
};

/** As the API has it. */
export type Finding = {
  Kind: ThingKind;
  Name: string;
  Size?: number;
  /** orphan: ours, and of nothing that there is. unknown: it cannot be told whether it is ours, so it is left alone. */
  State: "owned" | "orphan" | "unknown";
  Owner: Owner | null;
  Note: string;
};

export type CheckResult = {
  Findings: Finding[];
  Repaired: { Kind: ThingKind; Name: string; Error: string }[];
};
