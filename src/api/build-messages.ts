/** What happens in a build, in the words and messages of docker's classic builder. */
import type { BuildEvent } from "../engine/build/index.ts";
import { shortId } from "../engine/images/image-set.ts";

/** The messages of one event, in their order. */
export function buildMessages(event: BuildEvent): object[] {
  if (event.kind === "pull") return [event.message];
  if (event.kind === "stage-done") return event.image === "" ? [] : [{ aux: { ID: event.image } }];
  return texts(event).map((stream) => ({ stream }));
}

function texts(event: Exclude<BuildEvent, { kind: "pull" | "stage-done" }>): string[] {
  switch (event.kind) {
    case "warning":
      return [inRed(`${event.text}\n`)];
    case "step":
      return [`Step ${event.number}/${event.total} : ${event.source}`, "\n"];
    case "triggers":
      return [`# Executing ${event.count} build trigger${event.count > 1 ? "s" : ""}\n`];
    case "cached":
      return [" ---> Using cache\n"];
    case "container":
      return [
        ...event.warnings.map((warning) => ` ---> [Warning] ${warning}\n`),
        ` ---> Running in ${shortId(event.id)}\n`,
      ];
    case "log":
      return [event.stream === 1 ? event.text : inRed(event.text)];
    case "container-removed":
      return [`Removing intermediate container ${shortId(event.id)}\n`];
    case "step-done":
      return [` ---> ${shortId(event.image)}\n`];
    case "unused-args":
      return [`[Warning] One or more build-args [${event.names.join(" ")}] were not consumed\n`];
    case "built":
      return [`Successfully built ${shortId(event.image)}\n`];
    case "tagged":
      return [`Successfully tagged ${event.name}\n`];
  }
}

/** How docker tells what went to stderr. */
const inRed = (text: string) => `\u001b[91m${text}\u001b[0m`;
