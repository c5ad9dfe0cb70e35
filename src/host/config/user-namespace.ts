/** --userns-remap: whose subordinate ids the containers' users are (subuid(5), subgid(5)). */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hostId } from "../../isolation/child-mounts.ts";
import type { IdMap, UserNamespace } from "../../isolation/spec.ts";
import { OptionError } from "./option-error.ts";
import type { EngineOptions } from "./options.ts";

export type RemappedIds = { uidMap: IdMap[]; gidMap: IdMap[] };
type Account = { name: string; id: string };

/** Docker's name for "default"; it makes the user, here an administrator does. */
const DEFAULT_USER = "dockremap";

/** Whose files are whose depends on the map: each has a data root of its own, which is made here, as with dockerd. */
export function remapped({ dataRoot, usernsRemap }: Pick<EngineOptions, "dataRoot" | "usernsRemap">): {
  dataRoot: string;
  userNamespace?: UserNamespace;
} {
  if (usernsRemap === "") return { dataRoot };
  const ids = readUserNamespace(usernsRemap);
  const own = join(dataRoot, `${hostId(ids.uidMap)}.${hostId(ids.gidMap)}`);
  mkdirSync(own, { recursive: true, mode: 0o710 });
  return { dataRoot: own, userNamespace: { ...ids, idMapped: own } };
}

/**
 * @param text default, USER or USER:GROUP, by name or number
 * @param etc where passwd, group, subuid and subgid are
 * @throws OptionError with cause and cure
 */
export function readUserNamespace(text: string, etc = "/etc"): RemappedIds {
  const [user = "", group, more] = (text === "default" ? DEFAULT_USER : text).split(":");
  if (user === "" || group === "" || more !== undefined) {
    throw new OptionError(`invalid --userns-remap "${text}": it takes default, USER or USER:GROUP`);
  }
  const owner = find(`${etc}/passwd`, user);
  if (!owner) {
    const cure = user === DEFAULT_USER ? `: make it with useradd --system ${user}, and give it subordinate ids` : "";
    throw new OptionError(`--userns-remap: there is no user ${user}${cure}`);
  }
  const owners = find(`${etc}/group`, group ?? owner.name);
  if (!owners) throw new OptionError(`--userns-remap: there is no group ${group ?? owner.name}`);
  return { uidMap: ranges(`${etc}/subuid`, owner, "subuid"), gidMap: ranges(`${etc}/subgid`, owners, "subgid") };
}

/** passwd(5), group(5): name and number are the first and third field. */
function find(path: string, wanted: string): Account | undefined {
  for (const [name = "", , id = ""] of fields(path)) {
    if (name === wanted || id === wanted) return { name, id };
  }
  return undefined;
}

/** All ranges of the owner, one after the other from root on. */
function ranges(path: string, { name, id }: Account, kind: string): IdMap[] {
  let containerId = 0;
  const maps: IdMap[] = [];
  for (const [owner, first = "", count = ""] of fields(path)) {
    if (owner !== name && owner !== id) continue;
    const [hostId, size] = [Number(first), Number(count)];
    if (!/^\d+$/.test(first) || !/^\d+$/.test(count) || size < 1 || hostId + size > 2 ** 32 - 1) {
      throw new OptionError(`${path}: "${owner}:${first}:${count}" is no range of ids`);
    }
    maps.push({ containerId, hostId, size });
    containerId += size;
  }
  if (maps.length === 0) {
    throw new OptionError(
      `Can't create ID mappings: no ${kind} ranges found for user "${name}": add a line "${name}:100000:65536" to ${path}`,
    );
  }
  return maps;
}

function fields(path: string): string[][] {
  try {
    return readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => line.split(":"));
  } catch (error) {
    throw new OptionError(`--userns-remap: ${(error as Error).message}`);
  }
}
