/** A client of registries by the OCI distribution-spec, for the engine's Registry port. */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { EngineError, internal, invalid } from "../../engine/errors.ts";
import type { FetchedManifest, Registry, Repository } from "../../engine/images/ports.ts";
import { MEDIA } from "../../wire/manifest.ts";
import { isDigest } from "../../wire/reference.ts";
import { type Client, createClient } from "./client.ts";
import { type ConnectOptions, createConnect } from "./connect.ts";
import { downloadBlob } from "./download.ts";
import { createEndpoints, type RegistryOptions } from "./endpoint.ts";
import { readBody } from "./read-body.ts";

const MANIFEST_LIMIT = 4 * 1024 * 1024;
const TAGS_LIMIT = 4 * 1024 * 1024;
const MAX_PAGES = 100;
const ACCEPT = [MEDIA.dockerManifest, MEDIA.dockerIndex, MEDIA.ociManifest, MEDIA.ociIndex].join(", ");

/** @param options.loopbackOnly the safety switch of --registry-loopback-only */
export function createRegistry(options: RegistryOptions & ConnectOptions): Registry {
  const connect = createConnect(options);
  const endpoints = createEndpoints(connect, options);
  return {
    repository({ domain, path }, auth, actions) {
      const scope = `repository:${path}:${actions}`;
      let clients: Promise<Client[]> | undefined;
      const connected = () => {
        clients ??= endpoints(domain).then((all) =>
          all
            .filter(({ mirror }) => !mirror || actions === "pull")
            // A password is for the registry that it was given for, not for its mirrors.
            .map((endpoint) => createClient(connect, endpoint, scope, endpoint.mirror ? {} : auth)),
        );
        return clients;
      };
      return createRepository(path, connected);
    },
  };
}

function createRepository(path: string, connected: () => Promise<Client[]>): Repository {
  const at = (rest: string) => `/v2/${path}/${rest}`;

  /** Mirrors are tried in turn; what the registry itself says is the answer. */
  async function first<T>(
    work: (client: Client) => Promise<T>,
    isFinal: (error: unknown) => boolean = () => false,
  ): Promise<T> {
    const clients = await connected();
    for (const client of clients.slice(0, -1)) {
      try {
        return await work(client);
      } catch (error) {
        if (isFinal(error)) throw error;
      }
    }
    const own = clients.at(-1);
    if (!own) throw internal("no registry endpoint");
    return work(own);
  }
  const own = async () => {
    const client = (await connected()).at(-1);
    if (!client) throw internal("no registry endpoint");
    return client;
  };

  return {
    manifest: (reference) =>
      first(async (client) => {
        const response = await client.send(
          { method: "GET", path: at(`manifests/${reference}`), headers: { Accept: ACCEPT } },
          [200],
        );
        const bytes = await readBody(response, MANIFEST_LIMIT, "manifest");
        return fetchedManifest(bytes, reference, response.headers["content-type"] ?? "");
      }),

    async tags() {
      const tags: string[] = [];
      let next: string | undefined = at("tags/list");
      for (let page = 0; next !== undefined && page < MAX_PAGES; page++) {
        const here: string = next;
        const response: IncomingMessage = await first((client) => client.send({ method: "GET", path: here }, [200]));
        tags.push(...decodeTags(await readBody(response, TAGS_LIMIT, "list of tags")));
        next = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(response.headers.link ?? ""))?.[1];
      }
      return tags;
    },

    blob: (descriptor, limit) =>
      first(async (client) => {
        if (descriptor.size > limit)
          throw new EngineError("too-large", `blob ${descriptor.digest} is larger than ${limit} bytes`);
        const response = await client.send({ method: "GET", path: at(`blobs/${descriptor.digest}`) }, [200]);
        const bytes = await readBody(response, descriptor.size, `blob ${descriptor.digest}`);
        verify(bytes, descriptor.digest);
        return bytes;
      }),

    async download(descriptor, sink, onProgress, signal) {
      // Once bytes have reached the sink, another endpoint cannot begin again.
      let begun = false;
      const watched = (chunk: Buffer) => {
        begun = true;
        return sink(chunk);
      };
      await first(
        (client) =>
          downloadBlob(client, at(`blobs/${descriptor.digest}`), descriptor, { sink: watched, onProgress, signal }),
        () => begun || signal.aborted,
      );
    },

    async hasBlob(digest) {
      const response = await (await own()).send({ method: "HEAD", path: at(`blobs/${digest}`) }, [200, 404]);
      response.resume();
      return response.statusCode === 200;
    },

    async upload({ digest, size, read }, onProgress, signal) {
      const client = await own();
      const begun = await client.send(
        { method: "POST", path: at("blobs/uploads/"), headers: { "Content-Length": "0" }, signal },
        [202],
      );
      begun.resume();
      const location = begun.headers.location;
      if (!location || !URL.canParse(location, client.base.href)) throw internal("registry gave no place to upload to");
      const url = new URL(location, client.base);
      url.searchParams.set("digest", digest);
      const headers = { "Content-Type": "application/octet-stream", "Content-Length": String(size) };
      const body = () =>
        Readable.from(
          watched(read(), (sent) => onProgress(sent, size)),
          { objectMode: false },
        );
      const done = await client.send({ method: "PUT", path: url, headers, body, signal }, [201]);
      done.resume();
    },

    async putManifest(reference, mediaType, bytes) {
      const headers = { "Content-Type": mediaType, "Content-Length": String(bytes.length) };
      const call = { method: "PUT" as const, path: at(`manifests/${reference}`), headers, body: () => bytes };
      const response = await (await own()).send(call, [201]);
      response.resume();
      return digestOf(bytes);
    },
  };
}

function fetchedManifest(bytes: Buffer, reference: string, mediaType: string): FetchedManifest {
  const digest = digestOf(bytes);
  if (isDigest(reference)) verify(bytes, reference);
  return { digest, mediaType, bytes };
}

function verify(bytes: Buffer, digest: string): void {
  const actual = digestOf(bytes);
  if (actual !== digest) throw invalid(`verification failed for digest ${digest}: got ${actual}`);
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function decodeTags(body: Buffer): string[] {
  try {
    const tags: unknown = JSON.parse(body.toString()).tags;
    return Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
  } catch (cause) {
    throw internal("registry answered with no list of tags", cause);
  }
}

async function* watched(source: AsyncIterable<Buffer>, see: (sent: number) => void): AsyncGenerator<Buffer> {
  let sent = 0;
  for await (const chunk of source) {
    sent += chunk.length;
    see(sent);
    yield chunk;
  }
}
