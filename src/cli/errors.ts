/**
 * Ends the command with a text on stderr and an exit status.
 * `text` may be empty: the exit status of a container's process is then all that is said.
 */
export class CliError extends Error {
  readonly status: number;
  constructor(text: string, status = 1) {
    super(text);
    this.name = "CliError";
    this.status = status;
  }
}

/** An answer of 400 and above; the message is the engine's own, with docker's prefix. */
export class DaemonError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(`Error response from daemon: ${message}`);
    this.name = "DaemonError";
    this.code = code;
  }
}

/** No engine answers at this address. */
export class NoEngineError extends Error {
  /** @param cure said after docker's own words */
  constructor(address: string, cause: unknown, cure = "") {
    const words = `Cannot connect to the Docker daemon at ${address}. Is the docker daemon running?`;
    super(cure === "" ? words : `${words}\n${cure}`, { cause });
    this.name = "NoEngineError";
  }
}

export const isNotFound = (error: unknown): error is DaemonError => error instanceof DaemonError && error.code === 404;

export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
