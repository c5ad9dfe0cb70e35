/** Shown by version, info and in the Server header. */
export const VERSION = "0.1.0";
