import { complain, say } from "../../cli.ts";
import { command } from "../../command.ts";
import { slug } from "../../each.ts";
import { CliError, textOf } from "../../errors.ts";
import { bytes, int, text } from "../../flags/flag.ts";
import { resourceFlags } from "../../options/container-flags.ts";
import { restartPolicyOf } from "../../options/policies.ts";

export default command({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  about: "Update configuration of one or more containers",
  aliases: ["container update", "update"],
  flags: {
    ...resourceFlags,
    cpuRtPeriod: int("cpu-rt-period", "Limit the CPU real-time period in microseconds"),
    cpuRtRuntime: int("cpu-rt-runtime", "Limit the CPU real-time runtime in microseconds"),
    kernelMemory: bytes("kernel-memory", "Kernel memory limit (deprecated)", { hidden: true }),
    memorySwap: bytes("memory-swap", "Swap limit equal to memory plus swap: -1 to enable unlimited swap", {
      minus1: true,
    }),
    restart: text("restart", "Restart policy to apply when a container exits"),
  },
  args: [1, Infinity],
  async run(cli, { flags, given, args }) {
    if (given.size === 0) throw new CliError("you must provide one or more flags when using this command");
    const body = {
      ...UNCHANGED,
      CpuShares: flags.cpuShares,
      Memory: flags.memory,
      NanoCpus: flags.cpus,
      BlkioWeight: flags.blkioWeight,
      CpuPeriod: flags.cpuPeriod,
      CpuQuota: flags.cpuQuota,
      CpuRealtimePeriod: flags.cpuRtPeriod,
      CpuRealtimeRuntime: flags.cpuRtRuntime,
      CpusetCpus: flags.cpusetCpus,
      CpusetMems: flags.cpusetMems,
      KernelMemory: flags.kernelMemory || undefined,
      MemoryReservation: flags.memoryReservation,
      MemorySwap: flags.memorySwap,
      PidsLimit: given.has("pids-limit") ? flags.pidsLimit : null,
      RestartPolicy: flags.restart === "" ? { Name: "", MaximumRetryCount: 0 } : restartPolicyOf(flags.restart),
    };
    const warnings: string[] = [];
    const errors: string[] = [];
    for (const name of args) {
      try {
        const reply = await cli.engine.post<{ Warnings?: string[] | null }>(`/containers/${slug(name)}/update`, {
          body,
        });
        say(cli, name);
        warnings.push(...(reply.Warnings ?? []));
      } catch (error) {
        errors.push(textOf(error));
      }
    }
    if (warnings.length) complain(cli, warnings.join("\n"));
    if (errors.length) throw new CliError(errors.join("\n"));
    return undefined;
  },
});

/** Fields of the same type in docker's client that `update` has no option for; null leaves them as they are. */
const UNCHANGED = {
  CgroupParent: "",
  BlkioWeightDevice: null,
  BlkioDeviceReadBps: null,
  BlkioDeviceWriteBps: null,
  BlkioDeviceReadIOps: null,
  BlkioDeviceWriteIOps: null,
  Devices: null,
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemorySwappiness: null,
  OomKillDisable: null,
  Ulimits: null,
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
};
