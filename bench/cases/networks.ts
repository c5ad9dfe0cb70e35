/** Many containers on one network. */
import { type Case, fill, named, removeMany, timed } from "../case.ts";

const JOINING = named("j", 50);

export const networks: Case[] = [
  {
    // By the API: fifty CLIs at once would be timed, not the engine.
    name: "50 containers join one network",
    runs: 3,
    aim: 5,
    unit: "ms",
    async before(engine) {
      await engine.docker("network", "create", "joined");
      await fill(engine, JOINING, Number.POSITIVE_INFINITY);
    },
    async measure(engine) {
      const all = (verb: string) =>
        Promise.all(
          JOINING.map((Container) => engine.api("POST", `/networks/joined/${verb}`, { Container, Force: true })),
        );
      const joined = await timed(() => all("connect"));
      await all("disconnect");
      return { "": joined };
    },
    async after(engine) {
      await removeMany(engine, JOINING);
      // dockerd keeps endpoints of containers that are gone, now and then, and refuses: it is removed with all else at the end.
      await engine.program("docker", "network", "rm", "joined");
    },
  },
];
