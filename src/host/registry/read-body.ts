import type { IncomingMessage } from "node:http";
import { EngineError } from "../../engine/errors.ts";

/**
 * The whole body of a response, bounded.
 * @throws EngineError too-large
 */
export async function readBody(response: IncomingMessage, limit: number, what: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > limit) {
      response.destroy();
      throw new EngineError("too-large", `${what} is larger than ${limit} bytes`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
