/**
 * Thrown by decoders of untrusted input on the floors below the engine (wire, lib), which may not know the engine's
 * error kinds. The API answers it with 400, the CLI prints it.
 */
export class InvalidInput extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "InvalidInput";
  }
}
