export { createHostMeter } from "./host-meter.ts";
export { createProcesses } from "./processes.ts";
export { topProcesses } from "./top.ts";
