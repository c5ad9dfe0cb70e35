/** Config.MacAddress: how clients before API 1.44 ask for the MAC of a container's main network. Pure. */
import type { EndpointSettings } from "../../wire/container.ts";
import { invalid } from "../errors.ts";

export const MAC_WARNING =
  "The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.";

/**
 * @param mac Config.MacAddress, undefined or "" if not asked for
 * @param main what is asked of the network of NetworkMode
 * @returns warnings. Throws invalid when two different ones are asked for
 */
export function checkMacAddress(mac: string | undefined, main: EndpointSettings | undefined): string[] {
  if (!mac) return [];
  if (main?.MacAddress && main.MacAddress !== mac) {
    throw invalid(
      "the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty",
    );
  }
  return [MAC_WARNING];
}
