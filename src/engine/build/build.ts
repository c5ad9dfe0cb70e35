/** What a build is made of while it runs, and what it asks of the engine. */

import type { ImageConfig } from "../../wire/image.ts";
import type { Deps, Settings } from "../containers/deps.ts";
import type { ContainerVerbs } from "../containers/index.ts";
import type { FileHost } from "../files/ports.ts";
import type { Images } from "../images/images.ts";
import type { Credentials, StoredImage } from "../images/ports.ts";
import type { ProgressMessage } from "../images/progress.ts";
import type { Turns } from "../volumes/state.ts";
import type { VolumeApi } from "../volumes/volumes.ts";
import type { BuildArgs, Declared } from "./build-args.ts";
import type { Dialect } from "./dockerfile/instruction.ts";
import type { Escape } from "./dockerfile/lines.ts";
import type { BuildHost, SourceTree } from "./ports.ts";

export type BuildDeps = Pick<Deps, "store" | "layers" | "files" | "newId" | "log"> & {
  settings: Pick<Settings, "userNamespace">;
  volumes: Pick<VolumeApi, "create" | "remove" | "usage">;
  /** One RUN at a time has a cache, by the name of its volume. */
  turns: Turns;
  images: Pick<Images, "host" | "find" | "findStored" | "childrenOf" | "addImage" | "pull" | "tag">;
  containers: Pick<ContainerVerbs, "create" | "start" | "wait" | "remove">;
  fileHost: FileHost;
  host: BuildHost;
};

/** Where a build's Dockerfile and its files come from. Closed when the build ends. */
export type BuildSource = {
  dockerfile(): Promise<string>;
  /** Without what is ignored. Asked for once, and only where something is copied from it. */
  context(): Promise<SourceTree>;
  close(): Promise<void>;
};

/** An image by name, or files of the client's: fetched when they are first asked for, closed with the build's source. */
export type NamedContext = { image: string } | { files: () => Promise<SourceTree> };

export type BuildRequest = {
  source: BuildSource;
  tags: string[];
  /** null: named without a value */
  buildArgs: ReadonlyMap<string, string | null>;
  labels: Readonly<Record<string, string>>;
  /** stage at which to stop, "" for the last */
  target: string;
  noCache: boolean;
  /** intermediate containers of steps that succeeded; of all steps */
  remove: boolean;
  forceRemove: boolean;
  /** ask the registry for every base image */
  pull: boolean;
  /** os/arch[/variant], "" for any */
  platform: string;
  dialect: Dialect;
  /** name in lower case -> what stands for it in FROM and --from */
  contexts: ReadonlyMap<string, NamedContext>;
  /** What the client has under an id for RUN --mount=type=secret; undefined: nothing. Bytes of the whole. */
  secret(id: string): Promise<Buffer | undefined>;
  /** RUN --network=host is allowed: BuildKit's entitlement network.host. (Or the build as a whole has the host's network.) */
  hostNetwork?: boolean;
  /** HostConfig of the containers of RUN, as JSON has it */
  hostConfig: object;
  credentials: (domain: string) => Credentials | Promise<Credentials>;
};

/** What happens in a build; how it is told is the protocol's matter. */
export type BuildEvent =
  /** of the Dockerfile as a whole */
  | { kind: "warning"; text: string }
  /** stage: its name, "" where there is one only or none yet; ofStage: its place among those that are about files */
  | {
      kind: "step";
      number: number;
      total: number;
      source: string;
      stage: string;
      ofStage?: { position: number; total: number };
    }
  /** the base image wants so many instructions done first */
  | { kind: "triggers"; count: number }
  | { kind: "pull"; message: ProgressMessage }
  | { kind: "cached" }
  | { kind: "container"; id: string; warnings: string[] }
  | { kind: "log"; stream: 1 | 2; text: string }
  | { kind: "container-removed"; id: string }
  /** image: its id, "" while there is nothing in it */
  | { kind: "step-done"; image: string }
  | { kind: "stage-done"; image: string }
  | { kind: "unused-args"; names: string[] }
  | { kind: "built"; image: string }
  | { kind: "tagged"; name: string };

export type Output = (event: BuildEvent) => void;

/** A build under way. */
export type Build = {
  deps: BuildDeps;
  request: BuildRequest;
  output: Output;
  signal: AbortSignal;
  args: BuildArgs;
  escapeToken: Escape;
  context: () => Promise<SourceTree>;
  /** stages that are through */
  done: FinishedStage[];
  /** names of stages that are not built, since nothing in the file needs them */
  leftOut: string[];
  /** containers of the step under way */
  containers: string[];
};

/** @property index among the file's stages */
export type FinishedStage = { index: number; name: string; image: StoredImage | undefined; args: Declared };

/** The stage under way: what its next step starts from. */
export type StageState = {
  name: string;
  /** undefined: from scratch, and nothing in it yet */
  image: StoredImage | undefined;
  config: ImageConfig;
  /** CMD in this stage: an ENTRYPOINT then leaves it */
  commandSet: boolean;
  maintainer: string;
  /** a step was not in the cache, so that what follows cannot be either */
  cacheMissed: boolean;
};

const DEFAULT_SHELL = ["/bin/sh", "-c"];

export function shellOf(config: ImageConfig): string[] {
  return config.Shell?.length ? config.Shell : DEFAULT_SHELL;
}

/** What a stage's instructions see: the image's environment, then build arguments. */
export function environmentOf({ args }: Build, { config }: StageState): string[] {
  const environment = config.Env ?? [];
  return [...args.effective(environment), ...environment];
}

/** A failed command's exit status is the client's. */
export class CommandFailed extends Error {
  readonly command: string;
  readonly code: number;
  constructor(command: string, code: number) {
    super(`The command '${command}' returned a non-zero code: ${code}`);
    this.name = "CommandFailed";
    this.command = command;
    this.code = code;
  }
}
