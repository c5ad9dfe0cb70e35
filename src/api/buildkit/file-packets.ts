/** fsutil's packets and what Go calls a file's mode: what both ways of sending files share. */
import { invalid } from "../../engine/errors.ts";
import type { Exchange } from "../../lib/grpc/client.ts";
import { MESSAGES, type Packet } from "../../wire/buildkit/messages.ts";

export const PACKET = { stat: 0, request: 1, data: 2, fin: 3, error: 4 };

/** Go's os.FileMode, above the nine bits of permission. */
export const MODE = {
  ...{ directory: 2 ** 31, symlink: 2 ** 27, device: 2 ** 26, fifo: 2 ** 25, socket: 2 ** 24 },
  ...{ setuid: 2 ** 23, setgid: 2 ** 22, character: 2 ** 21, sticky: 2 ** 20 },
};
/** Go's bit, and Unix's. */
export const SPECIAL_BITS: readonly [number, number][] = [
  [MODE.setuid, 0o4000],
  [MODE.setgid, 0o2000],
  [MODE.sticky, 0o1000],
];

export function hasBit(mode: number, bit: number): boolean {
  return Math.floor(mode / bit) % 2 === 1;
}

export type Packets = ReturnType<typeof packetsOf>;

/** What the other side sends, one after the other. */
export function packetsOf({ responses }: Exchange) {
  const iterator = responses[Symbol.asyncIterator]();
  return {
    /** @throws EngineError invalid on any other type, with the other side's words if it has failed */
    async next(...types: number[]): Promise<Packet> {
      const { done, value } = await iterator.next();
      if (done) throw invalid("the client's files end early");
      const packet = MESSAGES.packet.decode(value);
      if (packet.type === PACKET.error) throw invalid(Buffer.from(packet.data).toString());
      if (!types.includes(packet.type)) throw invalid(`the client sent a packet of type ${packet.type}`);
      return packet;
    },
  };
}
