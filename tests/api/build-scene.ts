/** What the tests of builds share: a build by its raw request. */
import { request } from "node:http";
import { buffer } from "node:stream/consumers";
import type { TestEngine } from "../support/engine.ts";
import { type TestEntry, tarOf } from "../support/tar.ts";

export type Built = {
  status: number;
  /** all texts of the stream */
  text: string;
  /** the refusal, or the stream's error */
  error: string;
  code: number | undefined;
  /** "" if no image was made */
  id: string;
};

export type Asked = { query?: Record<string, string>; signal?: AbortSignal };

/** @param files of the context, beside the Dockerfile; or the whole body */
export function build(
  engine: TestEngine,
  dockerfile: string,
  files: TestEntry[] | Buffer = [],
  { query = {}, signal }: Asked = {},
): Promise<Built> {
  const body = Buffer.isBuffer(files) ? files : tarOf([{ name: "Dockerfile", content: dockerfile }, ...files]);
  const path = `/build?${new URLSearchParams(query)}`;
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": "application/x-tar" };
    const options = { socketPath: engine.socket, method: "POST", path, headers, agent: false as const };
    const sent = request({ ...options, ...(signal && { signal }) }, async (response) => {
      try {
        resolve(builtOf(response.statusCode ?? 0, (await buffer(response)).toString()));
      } catch (error) {
        reject(error);
      }
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

function builtOf(status: number, answer: string): Built {
  if (status !== 200) return { status, text: "", error: JSON.parse(answer).message, code: undefined, id: "" };
  const lines = answer
    .split("\r\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const failure = lines.find((line) => line.error !== undefined);
  return {
    status,
    text: lines.map((line) => line.stream ?? "").join(""),
    error: failure?.error ?? "",
    code: failure?.errorDetail?.code,
    id: failure ? "" : (lines.findLast((line) => line.aux?.ID)?.aux.ID ?? ""),
  };
}

/** A file of an image, read by a container. */
export function fileIn(engine: TestEngine, image: string, path: string): Promise<string> {
  return engine.ok("run", "--rm", "--network", "none", image, "/bin/busybox", "cat", path);
}
