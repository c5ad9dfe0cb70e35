/** What of the engine's API the page needs, and so may ask. All else is refused, whoever asks. */

const ALLOWED = table(`
  GET    /_ping
  GET    /info
  GET    /version
  GET    /events
  GET    /containers/json
  GET    /containers/:id/json
  GET    /containers/:id/attach/ws
  POST   /containers/:id/start
  POST   /containers/:id/stop
  POST   /containers/:id/restart
  POST   /containers/:id/kill
  POST   /containers/:id/pause
  POST   /containers/:id/unpause
  POST   /containers/:id/update
  POST   /containers/:id/resize
  POST   /containers/:id/exec
  DELETE /containers/:id
  POST   /exec/:id/resize
  GET    /exec/:id/json
  GET    /images/json
  GET    /images/:name/json
  GET    /images/:name/history
  GET    /cloche/v1/stream
  GET    /cloche/v1/containers/:id/plan
  GET    /cloche/v1/containers/:id/script
  GET    /cloche/v1/containers/:id/map
  GET    /cloche/v1/containers/:id/oom
  GET    /cloche/v1/containers/:id/history
  POST   /cloche/v1/containers/:id/signal
  POST   /cloche/v1/processes/:pid/signal
  GET    /cloche/v1/oom
  GET    /cloche/v1/lab
  GET    /cloche/v1/whois/:pid
  GET    /cloche/v1/cgroups
  GET    /cloche/v1/namespaces
  GET    /cloche/v1/exec/:id/ws
  GET    /cloche/v1/images/:name/layers
`);

/** @param path without query, still encoded; names with slashes come encoded */
export function isAllowed(method: string, path: string): boolean {
  return ALLOWED.some((row) => row.method === method && row.pattern.test(path));
}

function table(text: string): { method: string; pattern: RegExp }[] {
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const [method = "", path = ""] = line.trim().split(/\s+/);
      // One segment, and none that a router might walk up by.
      const pattern = new RegExp(`^${path.replace(/:\w+/g, "(?!\\.{1,2}(/|$))[^/]+")}$`);
      return { method, pattern };
    });
}
