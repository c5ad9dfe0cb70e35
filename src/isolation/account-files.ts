/**
 * /etc/passwd and /etc/group (passwd(5), group(5)) as text from an image: untrusted. Lines that are no entries are passed
 * over; an id that is no plain number is kept as undefined, so that whoever picks the entry must refuse it.
 */
export type PasswdEntry = { name: string; uid: number | undefined; gid: number | undefined; home: string };
export type GroupEntry = { name: string; gid: number | undefined; members: string[] };

export function parsePasswd(text: string): PasswdEntry[] {
  return entries(text).map(([name = "", , uid = "", gid = "", , home = ""]) => ({
    name,
    uid: plainNumber(uid),
    gid: plainNumber(gid),
    home,
  }));
}

export function parseGroup(text: string): GroupEntry[] {
  return entries(text).map(([name = "", , gid = "", members = ""]) => ({
    name,
    gid: plainNumber(gid),
    members: members.split(",").filter((member) => member !== ""),
  }));
}

function entries(text: string): string[][] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(":"))
    .filter((fields) => fields[0] !== "");
}

/** Huge ones become imprecise, but stay huge. */
function plainNumber(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
