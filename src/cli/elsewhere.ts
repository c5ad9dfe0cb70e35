/** docker's commands that are not here, and what does the same. */
const DOCKERS_OWN = "use docker itself, with DOCKER_HOST set to the engine's address";

const SWARM = "the engine makes no swarm";

const elsewhere: Record<string, string> = {
  builder: "there is no build cache apart from the images: cloche image prune",
  buildx: "cloche build builds",
  compose: "use docker compose or docker-compose, with DOCKER_HOST set to the engine's address",
  config: SWARM,
  context: "name the engine with -H, CLOCHE_HOST or DOCKER_HOST",
  manifest: DOCKERS_OWN,
  node: SWARM,
  plugin: "the engine has no plugins",
  scout: DOCKERS_OWN,
  secret: SWARM,
  service: SWARM,
  stack: SWARM,
  swarm: SWARM,
  trust: DOCKERS_OWN,
};

/** Why a command of docker's is not one of ours, and the cure; undefined for what is no command of docker's. */
export function whyNotHere(command: string): string | undefined {
  return Object.hasOwn(elsewhere, command) ? elsewhere[command] : undefined;
}
