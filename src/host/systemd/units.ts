/** systemd's manager, as far as containers' scopes need it (org.freedesktop.systemd1(5)). */
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { UnitProperty } from "../../isolation/cgroups/unit-properties.ts";
import type { DbusValue } from "../../kernel/dbus.ts";
import { type Bus, connectBus, DbusError } from "./bus.ts";

export type Scope = { unit: string; slice: string };

export type Units = {
  /**
   * Start a transient scope around a process. It is not there yet when this returns: systemd has taken the job.
   * @throws Error with the cause as systemd tells it
   */
  startScope(scope: Scope, pid: number, limits: UnitProperty[]): Promise<void>;
  /** Kill what is in it, and remove it; fine if it is not there. The answer comes before it is done. */
  stop(unit: string): Promise<void>;
  /** For this run of the unit only. */
  setProperties(unit: string, properties: UnitProperty[]): Promise<void>;
};

const BUS = "/run/dbus/system_bus_socket";
/** systemd's own socket, for root: where no message bus runs. */
const PRIVATE = "/run/systemd/private";
const GONE_SECONDS = 10;

/** Whether systemd is PID 1 (sd_booted(3)). */
export function isSystemdHost(root = ""): boolean {
  return existsSync(`${root}/run/systemd/system`);
}

/** One connection for all calls, made when the first is, and again when it breaks. */
export function systemdUnits(): Units {
  let bus: Promise<Bus> | undefined;

  async function call(member: string, signature: string, body: DbusValue[]): Promise<void> {
    const destination = "org.freedesktop.systemd1";
    const path = "/org/freedesktop/systemd1";
    const message = { destination, path, interface: `${destination}.Manager`, member, signature, body };
    try {
      bus ??= connect();
      await (await bus).call(message);
    } catch (error) {
      if (error instanceof DbusError) throw error;
      bus = undefined;
      // It may have been restarted since: a new connection tells.
      bus = connect();
      await (await bus).call(message);
    }
  }

  async function stop(unit: string): Promise<void> {
    try {
      await call("StopUnit", "ss", [unit, "replace"]);
    } catch (error) {
      if (!(error instanceof DbusError && error.name === "org.freedesktop.systemd1.NoSuchUnit")) throw error;
    }
  }

  return {
    stop,
    async startScope({ unit, slice }, pid, limits) {
      const properties: UnitProperty[] = [
        ["Description", "s", `container ${unit.slice("docker-".length, -".scope".length)}`],
        ["Slice", "s", slice],
        ["PIDs", "au", [pid]],
        // What is below it is the container's and ours; systemd keeps away.
        ["Delegate", "b", true],
        ["DefaultDependencies", "b", false],
        // Whatever its end was, it does not stay as a failed unit that keeps its name.
        ["CollectMode", "s", "inactive-or-failed"],
        ...["CPU", "Memory", "IO", "Tasks"].map((kind): UnitProperty => [`${kind}Accounting`, "b", true]),
        ...limits,
      ];
      const body = [unit, "fail", values(properties), []];
      const start = () => call("StartTransientUnit", "ssa(sv)a(sa(sv))", body);
      const deadline = performance.now() + GONE_SECONDS * 1000;
      for (;;) {
        try {
          return await start();
        } catch (error) {
          // The last run's scope is about to go, or was left behind; its container does not run, or would not be started.
          if (!isUnitExists(error) || performance.now() > deadline) throw error;
          await stop(unit).catch(() => {});
          await call("ResetFailedUnit", "s", [unit]).catch(() => {});
          await delay(20);
        }
      }
    },
    setProperties: (unit, properties) => call("SetUnitProperties", "sba(sv)", [unit, true, values(properties)]),
  };
}

function isUnitExists(error: unknown): boolean {
  return error instanceof DbusError && error.name === "org.freedesktop.systemd1.UnitExists";
}

function values(properties: UnitProperty[]): DbusValue[] {
  return properties.map(([name, signature, value]) => [name, [signature, value]]);
}

async function connect(): Promise<Bus> {
  return existsSync(BUS) ? connectBus(BUS, true) : connectBus(PRIVATE, false);
}
