/** Make a volume: check name, driver and options with docker's words. */
import type { VolumeCreate } from "../../wire/volume.ts";
import { invalid, notFound } from "../errors.ts";
import type { VolumeState } from "./state.ts";
import { ANONYMOUS_LABEL, type DirectoryFacts, type VolumeRecord } from "./volume.ts";

/**
 * A volume of that name that is there already is returned as it is, as docker does.
 * @param request.facts of the directory, for a plain one
 * @throws EngineError invalid (name, options), not-found (driver)
 */
export async function createVolume(
  state: VolumeState,
  request: VolumeCreate & { madeFor?: string; facts?: DirectoryFacts },
): Promise<{ record: VolumeRecord; created: boolean }> {
  const named = request.Name !== "";
  if (request.Driver !== "local")
    throw notFound(
      `create ${request.Name}: error looking up volume plugin ${request.Driver}: plugin "${request.Driver}" not found`,
    );
  const name = named ? checkName(request.Name) : state.newId();
  checkOptions(name, request.DriverOpts ?? {});
  return await state.exclusive(name, async () => {
    const existing = state.volumes.get(name);
    if (existing) return { record: existing, created: false };
    const record: VolumeRecord = {
      name,
      createdAt: `${state.clock.now().slice(0, 19)}Z`,
      labels: named ? request.Labels : { ...request.Labels, [ANONYMOUS_LABEL]: "" },
      options: request.DriverOpts,
      ...(request.madeFor !== undefined && { madeFor: request.madeFor }),
    };
    // The record first: a directory without one is taken for somebody's data.
    state.table.put(name, record);
    try {
      await state.host.make(name, request.facts);
    } catch (error) {
      state.table.remove(name);
      throw error;
    }
    state.volumes.set(name, record);
    state.events.publish({ Type: "volume", Action: "create", Actor: { ID: name, Attributes: { driver: "local" } } });
    return { record, created: true };
  });
}

/** The name is a directory's as well: it must not lead anywhere. */
function checkName(name: string): string {
  if (name.length === 1)
    throw invalid(`create ${name}: volume name is too short, names should be at least two alphanumeric characters`);
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name) || name.length > 255)
    throw invalid(
      `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  return name;
}

/** Each option needs these others. */
const NEEDED_WITH: Record<string, string[]> = { device: ["type"], type: ["device"], o: ["device", "type"] };

function checkOptions(name: string, options: Record<string, string>): void {
  for (const option of Object.keys(options)) {
    if (option === "size") throw invalid(`create ${name}: quota size requested but no quota support`);
    if (!Object.hasOwn(NEEDED_WITH, option)) throw invalid(`create ${name}: invalid option: "${option}"`);
  }
  for (const [option, needed] of Object.entries(NEEDED_WITH)) {
    if (!Object.hasOwn(options, option)) continue;
    for (const other of needed)
      if (!Object.hasOwn(options, other)) throw invalid(`create ${name}: missing required option: "${other}"`);
  }
}
