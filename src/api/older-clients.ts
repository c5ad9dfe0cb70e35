/**
 * ALL that older clients mean and get differently. The engine and the routes know the newest API only; here each request is
 * put into its words, and each reply into the shape of the version that was asked for.
 */
import type { FastifyInstance } from "fastify";
import { MULTIPLEXED_STREAM, RAW_STREAM } from "../wire/stdcopy.ts";
import { shapeReply } from "./older-clients/replies.ts";
import { shapeRequest } from "./older-clients/requests.ts";

export { shapeReply, shapeRequest };

/** @param host the cgroup version decides some defaults of old */
export function shapeForOlderClients(app: FastifyInstance, host: { cgroupVersion: "v1" | "v2" }): void {
  app.addHook("preHandler", async (request) => {
    const route = `${request.method} ${request.routeOptions.url}`;
    const { query, body } = shapeRequest(route, request.apiMinor, request, host);
    request.query = query;
    request.body = body;
  });
  app.addHook("preSerialization", async (request, reply, payload) => {
    // An error is the same in every version.
    if (reply.statusCode >= 400) return payload;
    return shapeReply(`${request.method} ${request.routeOptions.url}`, request.apiMinor, payload);
  });
}

/**
 * The version that a client means. docker-compose 1 asks for the newest that an engine knows, but was written for 1.41: it
 * fails without an image's ContainerConfig, for one.
 */
export function minorMeant(minor: number, userAgent: string | undefined): number {
  return /^docker-compose\/1\./.test(userAgent ?? "") ? Math.min(minor, 41) : minor;
}

/** The type of a container's stream: before 42 there was one name for both kinds. */
export function streamContentType(type: string, minor: number): string {
  return minor < 42 && type === MULTIPLEXED_STREAM ? RAW_STREAM : type;
}
