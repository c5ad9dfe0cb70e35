/**
 * Keys of dockerd's daemon.json that can be set to one value only, because Cloche is always like that: a file that was written
 * for dockerd can be kept as far as it asks for what it gets.
 */
const STANDING: Record<string, { value: unknown; because: string }> = {
  "live-restore": { value: true, because: "containers always outlive the engine" },
  "storage-driver": { value: "overlay2", because: "there is no other storage driver" },
  "default-runtime": { value: "runc", because: "the engine's own launcher goes by that name, and there is no other" },
  iptables: { value: true, because: "networks and ports need the engine's firewall rules (nftables)" },
  "ip-forward": { value: true, because: "the containers' networks need it" },
  "ip-masq": { value: true, because: "the default network's containers need it to reach others" },
  "userland-proxy": { value: false, because: "published ports need no process that passes bytes on" },
  experimental: { value: false, because: "nothing here is experimental" },
  "selinux-enabled": { value: false, because: "SELinux labels are not supported" },
  tls: { value: false, because: "the engine speaks no TLS: use docker -H ssh://…" },
  tlsverify: { value: false, because: "the engine speaks no TLS: use docker -H ssh://…" },
};

/**
 * @returns undefined for a key that is none of these, "" when the value is the one that holds, otherwise what is wrong with it
 */
export function standingKey(key: string, value: unknown): string | undefined {
  if (!Object.hasOwn(STANDING, key)) return undefined;
  const standing = STANDING[key];
  if (standing === undefined || standing.value === value) return "";
  return `${key} can only be ${JSON.stringify(standing.value)} here: ${standing.because}; remove the key`;
}
