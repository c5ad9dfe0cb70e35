/** The engine's API, as the page may ask it: below the page's own path. */

export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

const AGAIN_MS = 300;

/** The address of a path of the API, with its query. */
export function addressOf(path: string, query: Record<string, string | number | undefined> = {}): URL {
  const url = new URL(`api${path}`, location.href.replace(/[?#].*$/, ""));
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  return url;
}

/** @throws ApiError with the engine's own words; status 0: the engine does not answer */
export async function ask<T>(
  method: "GET" | "POST" | "DELETE",
  path: string,
  options: { query?: Record<string, string | number | undefined>; body?: unknown } = {},
): Promise<T> {
  const init: RequestInit = { method };
  if (options.body !== undefined) {
    init.body = JSON.stringify(options.body);
    init.headers = { "Content-Type": "application/json" };
  }
  const send = () => fetch(addressOf(path, options.query), init);
  const reply = await send()
    // A browser drops its connections when an interface comes or goes, as with every container that starts or ends.
    .catch(async (error) => {
      if (method !== "GET") throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      return send();
    })
    .catch(() => {
      throw new ApiError(0, "the engine does not answer");
    });
  const text = await reply.text();
  if (!reply.ok && reply.status !== 304) throw new ApiError(reply.status, messageIn(text) || reply.statusText);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

export const get = <T>(path: string, query?: Record<string, string | number | undefined>) =>
  ask<T>("GET", path, query ? { query } : {});

/** The address of a websocket. */
export function socketAddress(path: string, query: Record<string, string | number | undefined>): string {
  const url = addressOf(path, query);
  url.protocol = "ws:";
  return url.href;
}

export const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function messageIn(text: string): string {
  try {
    return String(JSON.parse(text).message ?? "");
  } catch {
    return "";
  }
}
