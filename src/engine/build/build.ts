/** What a build is made of while it runs, and what it asks of the engine. */

import type { ImageConfig } from "../../wire/image.ts";
import type { Deps } from "../containers/deps.ts";
import type { ContainerVerbs } from "../containers/index.ts";
import type { FileHost } from "../files/ports.ts";
import type { Images } from "../images/images.ts";
import type { Credentials, StoredImage } from "../images/ports.ts";
import type { ProgressMessage } from "../images/progress.ts";
import type { BuildArgs } from "./build-args.ts";
import type { Escape } from "./dockerfile/lines.ts";
import type { BuildHost, SourceTree } from "./ports.ts";

export type BuildDeps = Pick<Deps, "store" | "layers" | "files" | "newId" | "log"> & {
  images: Pick<Images, "host" | "find" | "findStored" | "childrenOf" | "addImage" | "pull" | "tag">;
  containers: Pick<ContainerVerbs, "create" | "start" | "wait" | "remove">;
  fileHost: FileHost;
  host: BuildHost;
};

export type BuildRequest = {
  /** tar archive, compressed or not */
  context: AsyncIterable<Buffer>;
  /** path in the context */
  dockerfile: string;
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
  /** HostConfig of the containers of RUN, as JSON has it */
  hostConfig: object;
  credentials: (domain: string) => Credentials;
};

/** What a client is told, in docker's messages. */
export type Output = {
  text(text: string): void;
  message(message: ProgressMessage): void;
};

/** A build under way. */
export type Build = {
  deps: BuildDeps;
  request: BuildRequest;
  output: Output;
  signal: AbortSignal;
  args: BuildArgs;
  escapeToken: Escape;
  context: SourceTree;
  /** stages that are through */
  done: FinishedStage[];
  /** containers of the step under way */
  containers: string[];
};

export type FinishedStage = { name: string; image: StoredImage | undefined };

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
  return [...environment, ...args.effective(environment)];
}

/** Twelve digits of an image's id, "" for scratch. */
export function shortImage(image: StoredImage | undefined): string {
  return image === undefined ? "" : image.id.slice("sha256:".length).slice(0, 12);
}

/** A failed command's exit status is the client's. */
export class CommandFailed extends Error {
  readonly code: number;
  constructor(command: string, code: number) {
    super(`The command '${command}' returned a non-zero code: ${code}`);
    this.name = "CommandFailed";
    this.code = code;
  }
}
