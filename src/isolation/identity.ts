/** `USER` and `--user` to ids, by the image's own files: docker's rules and texts, but no way to become root by a number. */
import { InvalidInput } from "../lib/invalid-input.ts";
import { type GroupEntry, type PasswdEntry, parseGroup, parsePasswd } from "./account-files.ts";
import { maxId } from "./defaults.ts";

/** groups: what setgroups(2) gets, the primary one first (CVE-2022-36109: it must stay when others are dropped). */
export type Identity = { uid: number; gid: number; groups: number[]; home: string; name: string };

const rangeText = `uids and gids must be in range 0-${maxId}`;

/**
 * @param request.user "", "name", "1000", "name:group", "1000:1000", ":group"; "" is root
 * @param request.passwd text of /etc/passwd in the container's root, undefined if there is none; group likewise
 * @param request.groupAdd docker's --group-add: names or numbers
 * @returns home "/" and name "" for a number that passwd does not know
 * @throws InvalidInput
 */
export function resolveUser(request: {
  user: string;
  passwd: string | undefined;
  group: string | undefined;
  groupAdd: readonly string[];
}): Identity {
  const groupFile = parseGroup(request.group ?? "");
  const colon = request.user.indexOf(":");
  const userPart = colon < 0 ? request.user : request.user.slice(0, colon);
  const groupPart = colon < 0 ? "" : request.user.slice(colon + 1);

  const account = findUser(userPart, parsePasswd(request.passwd ?? ""));
  const gid = groupPart === "" ? account.gid : findGroup(groupPart, groupFile);
  // With an explicit group the user's other memberships do not count.
  const memberships = groupPart === "" ? membershipsOf(account.name, groupFile) : [];
  const added = request.groupAdd.map((group) => findGroup(group, groupFile));
  return { ...account, gid, groups: [...new Set([gid, ...memberships, ...added])] };
}

type Account = { uid: number; gid: number; home: string; name: string };

function findUser(user: string, passwd: readonly PasswdEntry[]): Account {
  const number = user === "" ? 0 : idNumber(user);
  const entry = passwd.find((entry) => (number === undefined ? entry.name === user : entry.uid === number));
  if (entry) {
    return { uid: inRange(entry.uid), gid: inRange(entry.gid), home: entry.home || "/", name: entry.name };
  }
  if (number === undefined) throw new InvalidInput(`unable to find user ${user}: no matching entries in passwd file`);
  return { uid: number, gid: 0, home: "/", name: "" };
}

function findGroup(group: string, groupFile: readonly GroupEntry[]): number {
  const number = idNumber(group);
  if (number !== undefined) return number;
  const entry = groupFile.find((entry) => entry.name === group);
  if (!entry) throw new InvalidInput(`unable to find group ${group}: no matching entries in group file`);
  return inRange(entry.gid);
}

function membershipsOf(name: string, groupFile: readonly GroupEntry[]): number[] {
  if (name === "") return [];
  return groupFile.filter((entry) => entry.members.includes(name)).map((entry) => inRange(entry.gid));
}

/**
 * What looks like a number is one, and never a name: an image's passwd may hold a user called "4294967296" with uid 0, and
 * whoever set a numeric user to keep root out would have root (CVE-2024-40635). "0000" hides a zero, so it is refused too.
 * @returns undefined for a name
 */
function idNumber(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const number = inRange(Number(text));
  if (String(number) !== text) throw new InvalidInput(`invalid id "${text}": write it as ${number}`);
  return number;
}

function inRange(id: number | undefined): number {
  if (id === undefined || !(id >= 0 && id <= maxId)) throw new InvalidInput(rangeText);
  return id;
}
