/** An option that cannot be; its message names the cause and the cure. */
export class OptionError extends Error {}
