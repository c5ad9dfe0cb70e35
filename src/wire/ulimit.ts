/** `--ulimit` as docker's users write it. */
import type { Ulimit } from "./container.ts";

const NAMES = "core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(
  " ",
);

/**
 * "nofile=1024:2048", "core=-1", "nproc=unlimited".
 * @throws in docker's words
 */
export function ulimitOf(value: string): Ulimit {
  const at = value.indexOf("=");
  if (at < 0) throw new Error(`invalid ulimit argument: ${value}`);
  const name = value.slice(0, at);
  if (!NAMES.includes(name)) throw new Error(`invalid ulimit type: ${name}`);
  const texts = value.slice(at + 1).split(":");
  if (texts.length > 2)
    throw new Error(
      `too many limit value arguments - ${value.slice(at + 1)}, can only have up to two, \`soft[:hard]\``,
    );
  const numbers = texts.map((text) => {
    if (text === "unlimited") return -1;
    if (!/^-?\d+$/.test(text)) throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    return Number(text);
  });
  const [soft = 0, hard = soft] = numbers;
  if (hard !== -1 && (soft > hard || soft === -1))
    throw new Error(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  return { Name: name, Soft: soft, Hard: hard };
}
