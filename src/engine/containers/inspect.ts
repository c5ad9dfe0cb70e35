/** `docker inspect`: everything about one container, as API 1.51 has it. */
import { EGRESS, parseEgress } from "../networks/egress-policy.ts";
import type { ContainerRecord, ContainerState } from "./container.ts";
import type { Deps } from "./deps.ts";
import { egressOf } from "./egress-request.ts";
import { endpointsShown, mountsShown } from "./inspect-parts.ts";
import { linksShown } from "./links.ts";
import { sizes } from "./list.ts";
import { hasProcess, isRunning, type LiveContainer } from "./live.ts";
import { oomReportOf } from "./oom-report.ts";
import { portMapShown } from "./ports-shown.ts";

export type ContainerJson = Awaited<ReturnType<typeof inspectContainer>>;

/**
 * Never waits for a container that is starting.
 * @param options.size read the sizes of its layers too
 * @param options.runningExecs those of the container's execs that run
 */
export async function inspectContainer(
  deps: Pick<Deps, "store" | "files" | "layers">,
  ref: string,
  options: { size: boolean; runningExecs: (ids: Iterable<string>) => string[] },
) {
  const container = deps.store.find(ref);
  const { record } = container;
  const paths = deps.files.of(record.id);
  // Docker knows the paths of files from the first start on.
  const started = record.state.startedAt.startsWith("0001") && !hasProcess(record) ? undefined : paths;
  const logged = record.hostConfig.LogConfig.Type === "json-file";
  return {
    Id: record.id,
    Created: record.created,
    Path: record.path,
    Args: record.args,
    State: stateShown(container),
    Image: record.imageId,
    ResolvConfPath: started?.resolvConf ?? "",
    HostnamePath: started?.hostname ?? "",
    HostsPath: started?.hosts ?? "",
    LogPath: logged ? (started?.log ?? "") : "",
    Name: `/${record.name}`,
    RestartCount: record.restartCount,
    Driver: "overlay2",
    Platform: record.platform,
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: "",
    ExecIDs: execsShown(options.runningExecs(container.execIds)),
    HostConfig: { ...record.hostConfig, Links: linksShown(deps.store, record) },
    GraphDriver: { Data: layerShown(record, paths.mountpoint), Name: "overlay2" },
    ...(options.size && (await sizes(deps, record))),
    Mounts: mountsShown(record),
    Config: record.config,
    NetworkSettings: networkShown(record),
    ...clocheShown(record),
  };
}

const execsShown = (ids: string[]) => (ids.length > 0 ? ids : null);

function stateShown({ record, live }: LiveContainer) {
  const { state } = record;
  return {
    Status: live.removing && !isRunning(record) ? "removing" : state.status,
    Running: isRunning(record),
    Paused: state.status === "paused",
    Restarting: state.status === "restarting",
    OOMKilled: state.oomKilled,
    Dead: state.status === "dead",
    Pid: state.process?.pid ?? 0,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt,
    FinishedAt: state.finishedAt,
    ...healthShown(state),
  };
}

const healthShown = ({ health }: ContainerState) => (health ? { Health: health } : {});

/** What docker has not, and only where there is something to say: docker's clients know no such field. */
function clocheShown(record: ContainerRecord) {
  const report = oomReportOf(record);
  const egress = egressOf(record);
  if (!report && egress === undefined) return {};
  return {
    Cloche: {
      ...(report && { OOMReport: report }),
      ...(egress !== undefined && { Egress: { Allow: parseEgress(egress, EGRESS).map(({ text }) => text) } }),
    },
  };
}

/** Paths of the overlay, as docker's overlay2 driver names them. */
function layerShown({ id, layer }: ContainerRecord, mountpoint: string): Record<string, string> {
  if (!layer) return { ID: id };
  const path = (name: string) => `${layer.base}/${name}`;
  return {
    ID: id,
    LowerDir: layer.lowers.map(path).join(":"),
    MergedDir: mountpoint,
    UpperDir: path(layer.upper),
    WorkDir: path(layer.work),
  };
}

/** With the fields of the time when there was one network, which clients still read: they show bridge. */
function networkShown(record: ContainerRecord) {
  const networks = endpointsShown(record);
  const { bridge } = networks;
  const pid = record.state.process?.pid;
  return {
    Bridge: "",
    SandboxID: pid === undefined ? "" : record.id,
    SandboxKey: pid === undefined ? "" : `/proc/${pid}/ns/net`,
    Ports: portMapShown(record),
    HairpinMode: false,
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge?.EndpointID ?? "",
    Gateway: bridge?.Gateway ?? "",
    GlobalIPv6Address: bridge?.GlobalIPv6Address ?? "",
    GlobalIPv6PrefixLen: bridge?.GlobalIPv6PrefixLen ?? 0,
    IPAddress: bridge?.IPAddress ?? "",
    IPPrefixLen: bridge?.IPPrefixLen ?? 0,
    IPv6Gateway: bridge?.IPv6Gateway ?? "",
    MacAddress: bridge?.MacAddress ?? "",
    Networks: networks,
  };
}
