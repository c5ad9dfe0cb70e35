/** A step's result: an image over the one before, or the one that an earlier build has made by the same step. */
import type { ImageConfig, ImageHistory } from "../../wire/image.ts";
import { parsePlatform } from "../../wire/platform.ts";
import { imagePlatform } from "../images/image-set.ts";
import type { StoredImage } from "../images/ports.ts";
import { type Build, type StageState, shellOf } from "./build.ts";

export type Step = {
  /** docker's words for what made it: in the history, and what the cache goes by */
  createdBy: string[];
  /** of the image that it makes */
  config: ImageConfig;
};

/** `#(nop)` marks what ran no command. */
export function noCommand(config: ImageConfig, ...comment: string[]): string[] {
  return [...shellOf(config), ...comment];
}

/**
 * Go on from the image that an earlier build made by this step.
 * @returns false if there is none, or none is wanted
 */
export function useCached(build: Build, state: StageState, step: Step): boolean {
  if (build.request.noCache || state.cacheMissed) return false;
  const cached = findCached(build, state, step);
  state.cacheMissed = cached === undefined;
  if (!cached) return false;
  build.output({ kind: "cached" });
  state.image = cached;
  state.config = step.config;
  return true;
}

/** Go on from a new image. @param layer what it has more; undefined: nothing */
export async function addStep(
  build: Build,
  state: StageState,
  step: Step,
  layer?: AsyncIterable<Buffer>,
): Promise<void> {
  const { images } = build.deps;
  const { platform } = build.request;
  const history: ImageHistory = {
    created_by: step.createdBy.join(" "),
    ...(state.maintainer && { author: state.maintainer }),
  };
  state.image = await images.addImage({
    ...(state.image && { parent: state.image }),
    ...(layer && { layer }),
    config: step.config,
    history,
    author: state.maintainer,
    platform: state.image
      ? imagePlatform(state.image)
      : platform === ""
        ? images.host
        : parsePlatform(platform, images.host),
    names: [],
    // As docker's images have it. The history's text does not tell ["a b"] from ["a","b"].
    containerConfig: { Cmd: step.createdBy },
  });
  state.config = step.config;
}

/** The newest of those that the same step made of the same image. */
function findCached({ deps }: Build, { image }: StageState, { createdBy, config }: Step): StoredImage | undefined {
  const steps = image?.config.history?.length ?? 0;
  const wanted = stable(createdBy, config);
  return deps.images
    .childrenOf(image)
    .filter((child) => {
      const made = child.config.container_config;
      const by: unknown = typeof made === "object" && made !== null ? Reflect.get(made, "Cmd") : undefined;
      const isNext = (child.config.history?.length ?? 0) === steps + 1;
      return isNext && stable(by, child.config.config ?? {}) === wanted;
    })
    .sort((a, b) => ((a.config.created ?? "") < (b.config.created ?? "") ? 1 : -1))[0];
}

/** The same text for what says the same, in whatever order, and with or without what is empty. */
function stable(createdBy: unknown, config: ImageConfig): string {
  const isEmpty = (value: unknown) =>
    value === null ||
    value === undefined ||
    value === "" ||
    (typeof value === "object" && Object.keys(value).length === 0);
  const fields = Object.entries(config).filter(([, value]) => !isEmpty(value));
  return JSON.stringify([createdBy, sorted(Object.fromEntries(fields))]);
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
