import type { Command } from "./command.ts";

/** A verb: its line in the group's help, and its module, which is loaded only when it is called. */
export type Verb = { about: string; load: () => Promise<{ default: Command }>; hidden?: boolean };

const container: Record<string, Verb> = {
  attach: {
    about: "Attach local standard input, output, and error streams to a running container",
    load: () => import("./commands/container/attach.ts"),
  },
  commit: {
    about: "Create a new image from a container's changes",
    load: () => import("./commands/container/commit.ts"),
  },
  cp: {
    about: "Copy files/folders between a container and the local filesystem",
    load: () => import("./commands/container/cp.ts"),
  },
  create: { about: "Create a new container", load: () => import("./commands/container/create.ts") },
  diff: {
    about: "Inspect changes to files or directories on a container's filesystem",
    load: () => import("./commands/container/diff.ts"),
  },
  exec: { about: "Execute a command in a running container", load: () => import("./commands/container/exec.ts") },
  export: {
    about: "Export a container's filesystem as a tar archive",
    load: () => import("./commands/container/export.ts"),
  },
  inspect: {
    about: "Display detailed information on one or more containers",
    load: () => import("./commands/container/inspect.ts"),
  },
  kill: { about: "Kill one or more running containers", load: () => import("./commands/container/kill.ts") },
  logs: { about: "Fetch the logs of a container", load: () => import("./commands/container/logs.ts") },
  ls: { about: "List containers", load: () => import("./commands/container/ls.ts") },
  pause: {
    about: "Pause all processes within one or more containers",
    load: () => import("./commands/container/pause.ts"),
  },
  port: {
    about: "List port mappings or a specific mapping for the container",
    load: () => import("./commands/container/port.ts"),
  },
  prune: { about: "Remove all stopped containers", load: () => import("./commands/container/prune.ts") },
  rename: { about: "Rename a container", load: () => import("./commands/container/rename.ts") },
  restart: { about: "Restart one or more containers", load: () => import("./commands/container/restart.ts") },
  rm: { about: "Remove one or more containers", load: () => import("./commands/container/rm.ts") },
  run: { about: "Create and run a new container from an image", load: () => import("./commands/container/run.ts") },
  start: { about: "Start one or more stopped containers", load: () => import("./commands/container/start.ts") },
  stats: {
    about: "Display a live stream of container(s) resource usage statistics",
    load: () => import("./commands/container/stats.ts"),
  },
  stop: { about: "Stop one or more running containers", load: () => import("./commands/container/stop.ts") },
  top: { about: "Display the running processes of a container", load: () => import("./commands/container/top.ts") },
  unpause: {
    about: "Unpause all processes within one or more containers",
    load: () => import("./commands/container/unpause.ts"),
  },
  update: {
    about: "Update configuration of one or more containers",
    load: () => import("./commands/container/update.ts"),
  },
  wait: {
    about: "Block until one or more containers stop, then print their exit codes",
    load: () => import("./commands/container/wait.ts"),
  },
};

const image: Record<string, Verb> = {
  build: { about: "Build an image from a Dockerfile", load: () => import("./commands/image/build.ts") },
  history: { about: "Show the history of an image", load: () => import("./commands/image/history.ts") },
  import: {
    about: "Import the contents from a tarball to create a filesystem image",
    load: () => import("./commands/image/import.ts"),
  },
  inspect: {
    about: "Display detailed information on one or more images",
    load: () => import("./commands/image/inspect.ts"),
  },
  load: { about: "Load an image from a tar archive or STDIN", load: () => import("./commands/image/load.ts") },
  ls: { about: "List images", load: () => import("./commands/image/ls.ts") },
  prune: { about: "Remove unused images", load: () => import("./commands/image/prune.ts") },
  pull: { about: "Download an image from a registry", load: () => import("./commands/image/pull.ts") },
  push: { about: "Upload an image to a registry", load: () => import("./commands/image/push.ts") },
  rm: { about: "Remove one or more images", load: () => import("./commands/image/rm.ts") },
  save: {
    about: "Save one or more images to a tar archive (streamed to STDOUT by default)",
    load: () => import("./commands/image/save.ts"),
  },
  tag: {
    about: "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
    load: () => import("./commands/image/tag.ts"),
  },
};

const network: Record<string, Verb> = {
  connect: { about: "Connect a container to a network", load: () => import("./commands/network/connect.ts") },
  create: { about: "Create a network", load: () => import("./commands/network/create.ts") },
  disconnect: {
    about: "Disconnect a container from a network",
    load: () => import("./commands/network/disconnect.ts"),
  },
  inspect: {
    about: "Display detailed information on one or more networks",
    load: () => import("./commands/network/inspect.ts"),
  },
  ls: { about: "List networks", load: () => import("./commands/network/ls.ts") },
  prune: { about: "Remove all unused networks", load: () => import("./commands/network/prune.ts") },
  rm: { about: "Remove one or more networks", load: () => import("./commands/network/rm.ts") },
};

const volume: Record<string, Verb> = {
  create: { about: "Create a volume", load: () => import("./commands/volume/create.ts") },
  inspect: {
    about: "Display detailed information on one or more volumes",
    load: () => import("./commands/volume/inspect.ts"),
  },
  ls: { about: "List volumes", load: () => import("./commands/volume/ls.ts") },
  prune: { about: "Remove unused local volumes", load: () => import("./commands/volume/prune.ts") },
  rm: { about: "Remove one or more volumes", load: () => import("./commands/volume/rm.ts") },
};

const system: Record<string, Verb> = {
  check: {
    about: "Show what is on the host under the engine's names, and whose it is",
    load: () => import("./commands/system/check.ts"),
  },
  df: { about: "Show docker disk usage", load: () => import("./commands/system/df.ts") },
  "dial-stdio": {
    about: "Proxy the stdio stream to the daemon connection",
    load: () => import("./commands/system/dial-stdio.ts"),
    hidden: true,
  },
  events: { about: "Get real time events from the server", load: () => import("./commands/system/events.ts") },
  info: { about: "Display system-wide information", load: () => import("./commands/system/info.ts") },
  prune: { about: "Remove unused data", load: () => import("./commands/system/prune.ts") },
};

export const groups = {
  container: { about: "Manage containers", verbs: container },
  image: { about: "Manage images", verbs: image },
  network: { about: "Manage networks", verbs: network },
  system: { about: "Manage the engine", verbs: system },
  volume: { about: "Manage volumes", verbs: volume },
};
export type GroupName = keyof typeof groups;

/** Other names of verbs inside their group. */
export const verbAliases: Record<GroupName, Record<string, string>> = {
  container: { list: "ls", ps: "ls", remove: "rm" },
  image: { list: "ls", remove: "rm" },
  network: { list: "ls", remove: "rm" },
  system: {},
  volume: { list: "ls", remove: "rm" },
};

const pick = (group: Record<string, Verb>, words: string) =>
  Object.fromEntries(words.split(" ").map((word) => [word, group[word] as Verb]));

/** docker's shortcuts: the verbs that also stand alone. */
export const topCommands: Record<string, Verb> = {
  ...pick(
    container,
    "attach commit cp create diff exec export kill logs pause port rename restart rm run start stats stop top unpause update wait",
  ),
  ...pick(image, "build history import load pull push save tag"),
  ...pick(system, "events info"),
  ps: container.ls as Verb,
  images: image.ls as Verb,
  rmi: image.rm as Verb,
  inspect: { about: "Return low-level information on Docker objects", load: () => import("./commands/inspect.ts") },
  login: { about: "Authenticate to a registry", load: () => import("./commands/login.ts") },
  logout: { about: "Log out from a registry", load: () => import("./commands/logout.ts") },
  search: { about: "Search Docker Hub for images", load: () => import("./commands/search.ts") },
  version: { about: "Show the Docker version information", load: () => import("./commands/version.ts") },
};
