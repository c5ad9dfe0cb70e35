/**
 * The hosts and resolv.conf of running containers follow their networks, and those of containers that link to another one
 * follow its address. Lines are changed, not files: what the container wrote there itself stays.
 */
import type { EngineEvent } from "../events.ts";
import type { ContainerRecord } from "./container.ts";
import { hostNames, needsEmbeddedDns, ownHosts } from "./container-texts.ts";
import type { Deps } from "./deps.ts";
import { linkHosts, linksNow } from "./links.ts";
import { isRunning } from "./live.ts";
import { ownsNetwork } from "./modes.ts";
import { resolvConfText } from "./resolv-conf.ts";

type FollowDeps = Pick<Deps, "events" | "store" | "files" | "settings" | "log">;

/** @returns how to stop following */
export function followNetworks(deps: FollowDeps): () => void {
  return deps.events.subscribe((event) => {
    for (const record of concerned(deps, event)) {
      try {
        refresh(deps, record);
      } catch (error) {
        deps.log("hosts and resolv.conf", { container: record.id, error });
      }
    }
  });
}

/** Running containers whose files may be out of date after this event. */
function concerned({ store }: FollowDeps, { Type, Action, Actor }: EngineEvent): ContainerRecord[] {
  if (Type === "network" && (Action === "connect" || Action === "disconnect")) {
    const record = store.get(Actor.Attributes.container ?? "")?.record;
    return record && isRunning(record) ? [record] : [];
  }
  if (Type !== "container" || Action !== "start") return [];
  const target = store.get(Actor.ID)?.record;
  if (!target) return [];
  return store
    .all()
    .map(({ record }) => record)
    .filter((record) => record.id !== target.id && isRunning(record))
    .filter(({ hostConfig }) => hostConfig.Links?.some((link) => link.startsWith(`${target.id}:`)));
}

function refresh({ files, settings, store }: FollowDeps, record: ContainerRecord): void {
  const { hostConfig, endpoints } = record;
  const resolvConf = (embeddedDns: boolean) =>
    resolvConfText({
      host: files.hostResolvConf(),
      asked: hostConfig,
      settings,
      ownNetwork: ownsNetwork(hostConfig.NetworkMode),
      embeddedDns,
    });
  files.edit(record.id, (texts) => {
    let hosts = replaceLines(
      texts.hosts,
      new RegExp(`^\\S+\t${literally(hostNames(record.config))}$`),
      ownHosts(record, endpoints),
    );
    for (const link of linksNow(store, record)) {
      const line = linkHosts(link).trimEnd();
      hosts = replaceLines(hosts, new RegExp(`^\\S+\t${literally(line.slice(line.indexOf("\t") + 1))}$`), [line]);
    }
    const isOurs = [resolvConf(true), resolvConf(false)].includes(texts.resolvConf);
    return { hosts, resolvConf: isOurs ? resolvConf(needsEmbeddedDns(endpoints)) : texts.resolvConf };
  });
}

/** In the place of the lines that match, or at the end if none did. */
function replaceLines(text: string, old: RegExp, lines: string[]): string {
  const all = text.split("\n");
  const first = all.findIndex((line) => old.test(line));
  const rest = all.filter((line) => !old.test(line));
  rest.splice(first < 0 ? rest.length - 1 : first, 0, ...lines);
  return rest.join("\n");
}

function literally(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9 ]/g, "\\$&");
}
