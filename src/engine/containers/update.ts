/** Change limits and restart policy, of a running container at once. */
import type { HostConfig } from "../../wire/container.ts";
import type { UpdateRequest } from "../../wire/decode-container-host.ts";
import { conflict, EngineError, internal, invalid } from "../errors.ts";
import type { Deps } from "./deps.ts";
import { discardUnsupported } from "./discard-unsupported.ts";
import { hasProcess } from "./live.ts";
import { publish } from "./publish.ts";
import { plainResources } from "./spec-resources.ts";
import { checkRestartPolicy } from "./validate-host-config.ts";
import { validateResources } from "./validate-resources.ts";

/** Throws invalid for what create would refuse too, conflict when it is being removed. @returns docker's answer */
export async function updateContainer(
  deps: Pick<Deps, "store" | "cgroups" | "events" | "settings">,
  ref: string,
  update: UpdateRequest,
): Promise<{ Warnings: string[] }> {
  const container = deps.store.find(ref);
  const { record, live } = container;
  // Docker checks what was sent by itself first, so that these texts come without a prefix.
  const warnings = validateResources({ ...update, ...swapAlone(update) }, deps.settings);
  const supported = discardUnsupported(update, deps.settings.features);
  if (update.RestartPolicy) checkRestartPolicy(update.RestartPolicy);
  await container.exclusive(async () => {
    const fail = (reason: string) => conflict(`Cannot update container ${record.id}: ${reason}`);
    if (live.removing || record.state.status === "dead") {
      throw fail('Container is marked for removal and cannot be "update".');
    }
    const host = merged(record.hostConfig, supported.limits, record.id);
    if (hasProcess(record)) {
      try {
        await deps.cgroups.update(record.cgroupPath, plainResources(host));
      } catch (error) {
        throw error instanceof EngineError ? error : internal(`Cannot update container ${record.id}: ${error}`, error);
      }
    }
    record.hostConfig = host;
    deps.store.save(container);
  });
  publish(deps.events, record, "update");
  return { Warnings: [...warnings, ...supported.warnings] };
}

/** Swap without memory is fine if the container has a limit already: that is looked at after the merge. */
const swapAlone = (update: UpdateRequest) => (update.Memory ? {} : { MemorySwap: 0 });

function merged(current: HostConfig, update: UpdateRequest, id: string): HostConfig {
  const fail = (reason: string) => invalid(`Cannot update container ${id}: ${reason}`);
  const { RestartPolicy: policy } = update;
  if (policy && policy.Name !== "no" && current.AutoRemove) {
    throw fail("Restart policy cannot be updated because AutoRemove is enabled for the container");
  }
  if (update.NanoCpus && (current.CpuPeriod || current.CpuQuota)) {
    throw fail(
      `Conflicting options: Nano CPUs cannot be updated as CPU ${current.CpuQuota ? "Quota" : "Period"} has already been set`,
    );
  }
  if ((update.CpuQuota || update.CpuPeriod) && current.NanoCpus) {
    throw fail(
      `Conflicting options: CPU ${update.CpuQuota ? "Quota" : "Period"} cannot be updated as NanoCPUs has already been set`,
    );
  }
  const swap = update.MemorySwap ?? current.MemorySwap;
  if (update.Memory && swap > 0 && update.Memory > swap) {
    throw fail(
      "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
    );
  }
  const host = { ...current, ...update, RestartPolicy: policy ?? current.RestartPolicy };
  // Docker keeps "none any more" as 0, and "never had one" as null.
  if ((host.PidsLimit ?? 0) <= 0) host.PidsLimit = update.PidsLimit === undefined ? current.PidsLimit : 0;
  return host;
}
