/** No embedded DNS: containers use the host's name servers. */
import type { NameServers } from "../../engine/networks/name-servers.ts";

export function noNameServers(): NameServers {
  return { start: async () => {}, stop: async () => {}, listening: () => undefined, close: async () => {} };
}
