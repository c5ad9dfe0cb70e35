/** docs/differences.md from the list: `scripts/with-node tests/differential/document.ts` writes it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../support/engine.ts";
import { knownGroups } from "./known-differences.ts";

export const documentPath = join(projectRoot, "docs/differences.md");

export function renderDifferences(): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const groups = knownGroups.map(({ title, why, differences }) => {
    const rows = differences.map((one) => `| ${[one.what, one.dockerd, one.cloche].map(cell).join(" | ")} |`);
    return `## ${title}\n\n${why}\n\n| What | dockerd 20.10 | Cloche |\n|--|--|--|\n${rows.join("\n")}\n`;
  });
  return `# Differences from dockerd

\`tests/differential/\` runs the same docker commands on Debian's dockerd (20.10, API 1.41) and on Cloche and compares exit codes,
output and JSON. These are all the differences that it finds; another one, or one less, fails the test. This page is made from
\`tests/differential/known-*.ts\` by \`document.ts\` there.

${groups.join("\n")}`;
}

if (import.meta.main) writeFileSync(documentPath, renderDifferences());
