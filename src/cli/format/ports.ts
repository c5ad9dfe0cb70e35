export type Port = { IP?: string; PrivatePort: number; PublicPort?: number; Type: string };

/** "0.0.0.0:80->8080/tcp, 9000-9002/tcp": neighbours that map to the same numbers are drawn together. */
export function displayPorts(ports: Port[]): string {
  const sorted = [...ports].sort(
    (a, b) =>
      a.PrivatePort - b.PrivatePort ||
      compare(a.IP ?? "", b.IP ?? "") ||
      (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
      compare(a.Type, b.Type),
  );
  const groups = new Map<string, { first: number; last: number }>();
  const done: string[] = [];
  const mapped: string[] = [];
  for (const { IP, PrivatePort, PublicPort = 0, Type } of sorted) {
    if (IP && PublicPort !== PrivatePort) {
      mapped.push(`${hostPort(IP, String(PublicPort))}->${PrivatePort}/${Type}`);
      continue;
    }
    const key = IP ? `${IP}/${Type}` : Type;
    const group = groups.get(key);
    if (group && PrivatePort === group.last + 1) {
      group.last = PrivatePort;
      continue;
    }
    if (group) done.push(groupText(key, group));
    groups.set(key, { first: PrivatePort, last: PrivatePort });
  }
  for (const [key, group] of groups) done.push(groupText(key, group));
  return [...done, ...mapped].join(", ");
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const hostPort = (ip: string, port: string) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`);

function groupText(key: string, { first, last }: { first: number; last: number }): string {
  const slash = key.lastIndexOf("/");
  const range = first === last ? String(first) : `${first}-${last}`;
  if (slash < 0) return `${range}/${key}`;
  return `${hostPort(key.slice(0, slash), range)}->${range}/${key.slice(slash + 1)}`;
}
