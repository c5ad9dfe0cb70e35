/** The name of an engine's firewall table: its own, also where engines without a default bridge run side by side. */
import { createHash } from "node:crypto";

/** @param dataRoot tells engines without a bridge from each other: no two have the same */
export function tableName({ bridge, dataRoot }: { bridge: string; dataRoot: string }): string {
  if (bridge !== "none") return `cloche_${bridge}`;
  return `cloche_none_${createHash("sha256").update(dataRoot).digest("hex").slice(0, 8)}`;
}
