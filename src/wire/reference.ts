/**
 * Names of images, parsed and normalised as the distribution/reference library does it, with its error texts:
 * `busybox` is docker.io/library/busybox:latest, and is shown as busybox:latest.
 */
import { InvalidInput } from "../lib/invalid-input.ts";

export type Reference = {
  /** registry host, with port: docker.io */
  domain: string;
  /** repository below the host: library/busybox */
  path: string;
  tag?: string;
  /** sha256:… */
  digest?: string;
};

const DEFAULT_DOMAIN = "docker.io";
const NAME_MAX = 255;

const ALPHANUMERIC = "[a-z0-9]+";
const COMPONENT = `${ALPHANUMERIC}(?:(?:\\.|_|__|-+)${ALPHANUMERIC})*`;
const PATH = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const DOMAIN_LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const DOMAIN = new RegExp(`^(?:${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const TAG = /^[\w][\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const SHA256 = /^sha256:[0-9a-f]{64}$/;

/**
 * Parse what a user typed.
 * @throws InvalidInput with the reference library's text
 */
export function parseReference(text: string): Reference {
  if (/^[0-9a-f]{64}$/.test(text)) {
    throw new InvalidInput(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const [withoutDigest, digest] = cut(text, "@");
  const { domain, remainder } = splitDomain(withoutDigest);
  const [path, tag] = cut(remainder, ":");
  if (path.toLowerCase() !== path) {
    throw new InvalidInput("invalid reference format: repository name must be lowercase");
  }
  const malformed =
    !PATH.test(path) ||
    !DOMAIN.test(domain) ||
    (tag !== undefined && !TAG.test(tag)) ||
    (digest !== undefined && !DIGEST.test(digest));
  if (malformed) throw new InvalidInput("invalid reference format");
  if (digest !== undefined && !SHA256.test(digest)) {
    throw new InvalidInput(
      digest.startsWith("sha256:") ? "invalid checksum digest length" : "unsupported digest algorithm",
    );
  }
  if (path.length > NAME_MAX) throw new InvalidInput("repository name must not be more than 255 characters");
  return { domain, path, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** Add the tag `latest` where there is neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: "latest" } : reference;
}

/** @throws InvalidInput "invalid tag format" */
export function withTag(reference: Reference, tag: string): Reference {
  if (!TAG.test(tag)) throw new InvalidInput("invalid tag format");
  return { domain: reference.domain, path: reference.path, tag };
}

/** @throws InvalidInput "invalid digest format" */
export function withDigest(reference: Reference, digest: string): Reference {
  if (!SHA256.test(digest)) throw new InvalidInput("invalid digest format");
  return { domain: reference.domain, path: reference.path, digest };
}

export function isDigest(text: string): boolean {
  return SHA256.test(text);
}

/** The repository as docker shows it: busybox, registry:5000/team/app. */
export function familiarName({ domain, path }: Pick<Reference, "domain" | "path">): string {
  if (domain !== DEFAULT_DOMAIN) return `${domain}/${path}`;
  const [first, second, ...rest] = path.split("/");
  return first === "library" && second !== undefined && rest.length === 0 ? second : path;
}

/** The whole reference as docker shows it: busybox:latest, busybox@sha256:…. */
export function familiarString(reference: Reference): string {
  return familiarName(reference) + suffix(reference);
}

/** The whole reference in full: docker.io/library/busybox:latest; the key it is stored under. */
export function canonicalString(reference: Reference): string {
  return `${reference.domain}/${reference.path}${suffix(reference)}`;
}

function suffix({ tag, digest }: Reference): string {
  return (tag === undefined ? "" : `:${tag}`) + (digest === undefined ? "" : `@${digest}`);
}

/** A first component is a host when it has a dot, a port or capitals, or is localhost. */
function splitDomain(name: string): { domain: string; remainder: string } {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const isHost = slash >= 0 && (/[.:]/.test(first) || first === "localhost" || first.toLowerCase() !== first);
  let domain = isHost ? first : DEFAULT_DOMAIN;
  let remainder = isHost ? name.slice(slash + 1) : name;
  if (domain === "index.docker.io") domain = DEFAULT_DOMAIN;
  const repository = remainder.split(":")[0] ?? "";
  if (domain === DEFAULT_DOMAIN && !repository.includes("/")) remainder = `library/${remainder}`;
  return { domain, remainder };
}

function cut(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
