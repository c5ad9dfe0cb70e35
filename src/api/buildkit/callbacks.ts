/** What the engine asks a client for by its session, besides files. */
import type { Credentials } from "../../engine/images/ports.ts";
import { GrpcError, STATUS } from "../../lib/grpc/frames.ts";
import { MESSAGES } from "../../wire/buildkit/messages.ts";
import type { Session } from "./sessions.ts";

const GET_SECRET = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
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

/** What the client has for a registry: {} for none. */
export async function credentialsOf(session: Session, domain: string): Promise<Credentials> {
  if (!session.supports(CREDENTIALS)) return {};
  const host = domain === "docker.io" ? HUB : domain;
  const answer = await session.call(CREDENTIALS, MESSAGES.credentialsRequest.encode({ Host: host }));
  const { Username, Secret } = MESSAGES.credentialsResponse.decode(answer);
  if (Secret === "") return {};
  return Username === "" ? { identitytoken: Secret } : { username: Username, password: Secret };
}
