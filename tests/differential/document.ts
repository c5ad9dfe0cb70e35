/** docs/differences.md from the list: `node tests/differential/document.ts` writes it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../support/engine.ts";
import { knownDifferences } from "./known-differences.ts";

export const documentPath = join(projectRoot, "docs/differences.md");

export function renderDifferences(): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  return `# Differences from dockerd

\`tests/differential/\` runs the same docker commands on Debian's dockerd (20.10, API 1.41) and on Cloche and compares exit codes,
output and JSON. These are all the differences that it finds; another one, or one less, fails the test. The list is
\`tests/differential/known-differences.ts\`; this page is made from it by \`node tests/differential/document.ts\`.

| What | dockerd 20.10 | Cloche | Why |
|--|--|--|--|
${knownDifferences.map((one) => `| ${[one.what, one.dockerd, one.cloche, one.why].map(cell).join(" | ")} |`).join("\n")}
`;
}

if (import.meta.main) writeFileSync(documentPath, renderDifferences());
