/** What the engine asks a client for by its session, besides files. */
import { invalid } from "../../engine/errors.ts";
import type { Credentials } from "../../engine/images/ports.ts";
import { GrpcError, STATUS } from "../../lib/grpc/frames.ts";
import { MESSAGES } from "../../wire/buildkit/messages.ts";
import type { Session } from "./sessions.ts";

const GET_SECRET = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
const PULL = "/moby.upload.v1.Upload/Pull";
const CREDENTIALS = "/moby.filesync.v1.Auth/Credentials";
/** The name under which clients keep Docker Hub's. */
const HUB = "registry-1.docker.io";

/** @returns undefined if the client has none of that id */
export async function secretOf(session: Session, id: string): Promise<Buffer | undefined> {
  if (!session.supports(GET_SECRET)) return undefined;
  try {
    const answer = await session.call(GET_SECRET, MESSAGES.getSecretRequest.encode({ ID: id }));
    return Buffer.from(MESSAGES.getSecretResponse.decode(answer).data);
  } catch (error) {
    if (error instanceof GrpcError && error.code === STATUS.notFound) return undefined;
    throw error;
  }
}

/** A context that the client has as an archive (`docker build - <app.tar`), under a URL that means this session alone. */
export async function* uploadOf(session: Session, { host, pathname }: URL): AsyncGenerator<Buffer> {
  if (!session.supports(PULL)) throw invalid(`the client uploads nothing: ${PULL} is not in its session`);
  const { end, responses, cancel } = session.exchange(PULL, { metadata: { urlhost: host, urlpath: pathname } });
  end();
  try {
    for await (const message of responses) yield Buffer.from(MESSAGES.bytesMessage.decode(message).data);
  } finally {
    cancel();
  }
}

/** What the client has for a registry: {} for none. */
export async function credentialsOf(session: Session, domain: string): Promise<Credentials> {
  if (!session.supports(CREDENTIALS)) return {};
  const host = domain === "docker.io" ? HUB : domain;
  const answer = await session.call(CREDENTIALS, MESSAGES.credentialsRequest.encode({ Host: host }));
  const { Username, Secret } = MESSAGES.credentialsResponse.decode(answer);
  if (Secret === "") return {};
  return Username === "" ? { identitytoken: Secret } : { username: Username, password: Secret };
}
