/** --chown: user and group by number, or by the image's own files. */
import { parseGroup, parsePasswd } from "../../isolation/account-files.ts";
import { maxId } from "../../isolation/defaults.ts";
import { invalid } from "../errors.ts";
import type { BuildDeps } from "./build.ts";
import type { WorkLayer } from "./layer.ts";

/** @param chown "user", "user:group"; a user alone names the group of that name, too. @throws EngineError invalid */
export async function ownerOf(
  { layers }: Pick<BuildDeps, "layers">,
  { id }: WorkLayer,
  chown: string,
): Promise<{ uid: number; gid: number }> {
  const [user = "", group = user, ...more] = chown.split(":");
  if (more.length > 0 || user === "") throw refused(`invalid chown string format: ${chown}`);
  const read = async (path: string) => (await layers.readMerged(id, path))?.toString() ?? "";
  const uid = numberOf(user) ?? parsePasswd(await read("/etc/passwd")).find(({ name }) => name === user)?.uid;
  if (uid === undefined) throw refused(`can't find uid for user ${user}: no such user: ${user}`);
  const gid = numberOf(group) ?? parseGroup(await read("/etc/group")).find(({ name }) => name === group)?.gid;
  if (gid === undefined) throw refused(`can't find gid for group ${group}: no such group: ${group}`);
  if (uid > maxId || gid > maxId) throw refused(`uids and gids must be in range 0-${maxId}`);
  return { uid, gid };
}

const numberOf = (text: string) => (/^\d+$/.test(text) ? Number(text) : undefined);
const refused = (why: string) => invalid(`unable to convert uid/gid chown string to host mapping: ${why}`);
