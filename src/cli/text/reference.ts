/**
 * An image's name as docker shows it: "docker.io/library/" left out, ":latest" added where neither tag nor digest stands.
 * @throws in docker's words
 */
export function familiarName(image: string): string {
  const name = checkReference(image)
    .replace(/^(?:index\.)?docker\.io\//, "")
    .replace(/^library\/(?=[^/]+$)/, "");
  return name.includes("@") || /:[^/]+$/.test(name) ? name : `${name}:latest`;
}

const DOMAIN =
  /^(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;

/** @returns the same text if it is a good reference */
export function checkReference(image: string): string {
  const [rest = "", digest] = image.split("@");
  const slash = rest.indexOf("/");
  const first = rest.slice(0, Math.max(slash, 0));
  const hasDomain = slash > 0 && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  const path = hasDomain ? rest.slice(slash + 1) : rest;
  const [, name = "", tag] = /^([^:]*)(?::(.*))?$/.exec(path) ?? [];
  if (/^[0-9a-f]{64}$/.test(image))
    throw new Error(`invalid repository name (${image}), cannot specify 64-byte hexadecimal strings`);
  if (/[A-Z]/.test(name) && !/[^A-Za-z0-9._/-]/.test(name))
    throw new Error(
      `invalid reference format: repository name (${hasDomain ? name : name.includes("/") ? name : `library/${name}`}) must be lowercase`,
    );
  const good =
    (!hasDomain || DOMAIN.test(first)) &&
    name.split("/").every((part) => COMPONENT.test(part)) &&
    (tag === undefined || /^\w[\w.-]{0,127}$/.test(tag)) &&
    (digest === undefined || /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/.test(digest));
  if (!good) throw new Error("invalid reference format");
  return image;
}

/** With the registry that a short name stands for: "busybox:latest" -> "docker.io/library/busybox:latest". */
export function fullName(familiar: string): string {
  const first = familiar.split("/")[0] ?? "";
  if (!familiar.includes("/")) return `docker.io/library/${familiar}`;
  return /[.:]/.test(first) || first === "localhost" ? familiar : `docker.io/${familiar}`;
}
