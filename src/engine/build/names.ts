/** Paths are texts in a Dockerfile and byte strings (latin1) in archives. */

export const toBytes = (text: string): string => Buffer.from(text).toString("latin1");
export const toText = (bytes: string): string => Buffer.from(bytes, "latin1").toString();
