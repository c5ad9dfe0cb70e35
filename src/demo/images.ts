/** centos:7 and training/stress:2.1 of the original demo: pulled where asked for, else stand-ins made here. */
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Narrator } from "./narrator.ts";

const CENTOS = "centos:7";
const STRESS = "training/stress:2.1";
const PACKAGES = ["base-passwd", "bash", "coreutils", "dash", "grep", "iputils-ping", "procps", "stress"];
const builder = join(import.meta.dirname, "../../scripts/stand-in-root");

/** @throws when neither way works, with the reason */
export async function prepareImages(
  demo: Narrator,
  client: string[],
  pull: boolean,
): Promise<{ centos: string; stress: string }> {
  if (pull) {
    const outcomes = [
      await demo.run([...client, "image", "pull", CENTOS]),
      await demo.run([...client, "image", "pull", STRESS]),
    ];
    if (outcomes.every((outcome) => outcome.code === 0)) return { centos: CENTOS, stress: STRESS };
    demo.say("No registry gave both images.");
  }
  demo.say(
    `The images ${CENTOS} and ${STRESS} are stand-ins here: a small Debian root with ping, ps and stress, under these names.`,
  );
  const archive = await standInRoot(demo);
  const imports: [string, string[]][] = [
    [CENTOS, ['CMD ["/bin/bash"]']],
    [STRESS, ['ENTRYPOINT ["/usr/bin/stress","--verbose"]']],
  ];
  for (const [name, changes] of imports) {
    const flags = changes
      .concat("ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
      .flatMap((change) => ["--change", change]);
    const outcome = await demo.run([...client, "image", "import", ...flags, archive, name], {
      shown: `docker image import … stand-in.tar ${name}`,
    });
    if (outcome.code !== 0) throw new Error(`the stand-in for ${name} could not be imported`);
  }
  return { centos: CENTOS, stress: STRESS };
}

async function standInRoot(demo: Narrator): Promise<string> {
  const directory = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "cloche");
  const archive = join(directory, "stand-in-1.tar");
  if (existsSync(archive)) return archive;
  mkdirSync(directory, { recursive: true });
  const outcome = await demo.run([builder, archive, ...PACKAGES], {
    shown: `scripts/stand-in-root stand-in.tar ${PACKAGES.join(" ")}`,
  });
  if (outcome.code !== 0)
    throw new Error("the stand-in root could not be made: it needs apt on Debian or Ubuntu, as root");
  return archive;
}
