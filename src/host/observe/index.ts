export { createProcesses } from "./processes.ts";
export { topProcesses } from "./top.ts";
