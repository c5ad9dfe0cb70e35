/** A build's failure in BuildKit's words. */
import { CommandFailed } from "../../engine/build/build.ts";

export function failureText(error: unknown): string {
  if (error instanceof CommandFailed) {
    return `process ${JSON.stringify(error.command)} did not complete successfully: exit code: ${error.code}`;
  }
  return error instanceof Error ? error.message : String(error);
}
