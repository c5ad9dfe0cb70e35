/**
 * Read the first piece of a stream ahead: what fails at once fails before an answer has begun.
 * @returns the whole stream
 */
export async function begin<Piece>(stream: AsyncIterable<Piece>): Promise<AsyncIterable<Piece>> {
  const iterator = stream[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* () {
    try {
      for (let next = first; !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  })();
}
