/** --chown: user and group by number, or by the image's own files. */
import { parseGroup, parsePasswd } from "../../isolation/account-files.ts";
import { maxId } from "../../isolation/defaults.ts";
import { invalid } from "../errors.ts";
import type { Build } from "./build.ts";
import type { WorkLayer } from "./layer.ts";

/**
 * @param chown "user", "user:group"; a user alone names the group of that name, too; in BuildKit's dialect, the user's own
 * @throws EngineError invalid
 */
export async function ownerOf(
  { deps: { layers }, request: { dialect } }: Pick<Build, "deps" | "request">,
  { id }: WorkLayer,
  chown: string,
): Promise<{ uid: number; gid: number }> {
  const [user = "", asked, ...more] = chown.split(":");
  const group = asked ?? user;
  if (more.length > 0 || user === "") throw refused(`invalid chown string format: ${chown}`);
  const read = async (path: string) => (await layers.readMerged(id, path))?.toString() ?? "";
  const named = numberOf(user) === undefined ? parsePasswd(await read("/etc/passwd")) : [];
  const account = named.find(({ name }) => name === user);
  const uid = numberOf(user) ?? account?.uid;
  if (uid === undefined) throw refused(`can't find uid for user ${user}: no such user: ${user}`);
  const own = asked === undefined && dialect === "buildkit" ? account?.gid : undefined;
  const gid = own ?? numberOf(group) ?? parseGroup(await read("/etc/group")).find(({ name }) => name === group)?.gid;
  if (gid === undefined) throw refused(`can't find gid for group ${group}: no such group: ${group}`);
  if (uid > maxId || gid > maxId) throw refused(`uids and gids must be in range 0-${maxId}`);
  return { uid, gid };
}

const numberOf = (text: string) => (/^\d+$/.test(text) ? Number(text) : undefined);
const refused = (why: string) => invalid(`unable to convert uid/gid chown string to host mapping: ${why}`);
