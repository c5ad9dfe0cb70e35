/** DNS messages of the embedded server: read a query, write an answer from what the engine knows. No sockets here. */
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
} from "dns-packet";
import type { Resolved } from "../../engine/networks/resolve-names.ts";

/** Seconds, docker's. */
const TTL = 600;
/** What fits in a datagram unless the client says more (RFC 1035, RFC 6891). */
const PLAIN_UDP_BYTES = 512;
const MAX_UDP_BYTES = 4096;

export const RCODE = { FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

export type Query = { packet: Packet; name: string; type: string; maxBytes: number };

/** @returns undefined for what is no query that can be answered: noise, an answer, several questions */
export function readQuery(message: Buffer): Query | undefined {
  let packet: Packet;
  try {
    packet = decode(message);
  } catch {
    return undefined;
  }
  const [question] = packet.questions ?? [];
  if (packet.type !== "query" || packet.questions?.length !== 1 || question === undefined) return undefined;
  const opt = packet.additionals?.find((record) => record.type === "OPT");
  const offered = opt && "udpPayloadSize" in opt ? Number(opt.udpPayloadSize) : PLAIN_UDP_BYTES;
  return {
    packet,
    name: question.name,
    type: question.type,
    maxBytes: Math.min(Math.max(offered, PLAIN_UDP_BYTES), MAX_UDP_BYTES),
  };
}

/** The answer of `values` (addresses or names) to a query; what does not fit is left out and marked truncated. */
export function writeAnswer(query: Query, values: NonNullable<Resolved>, maxBytes: number): Buffer {
  for (let count = values.length; ; count--) {
    const answers = values
      .slice(0, count)
      .map((data) => ({ type: query.type, name: query.name, ttl: TTL, data }) as Answer);
    const truncated = count < values.length ? TRUNCATED_RESPONSE : 0;
    const message = encode({ ...header(query, AUTHORITATIVE_ANSWER | truncated), answers });
    if (message.length <= maxBytes || count === 0) return message;
  }
}

/** The addresses in an answer from elsewhere, with their time to live in seconds. */
export function addressesIn(message: Buffer): { address: string; seconds: number }[] {
  try {
    return (decode(message).answers ?? []).flatMap((answer) =>
      answer.type === "A" || answer.type === "AAAA" ? [{ address: answer.data, seconds: answer.ttl ?? 0 }] : [],
    );
  } catch {
    return []; // it is handed on as it is: its reader will say what is wrong
  }
}

export function writeError(query: Query, rcode: number): Buffer {
  // dns-packet keeps the response code in the low bits of flags.
  return encode(header(query, rcode));
}

function header(query: Query, flags: number): Packet {
  const asked = (query.packet.flags ?? 0) & RECURSION_DESIRED;
  return {
    type: "response",
    id: query.packet.id,
    flags: flags | asked | RECURSION_AVAILABLE,
    questions: query.packet.questions,
  };
}
