/** Container create requests: untrusted JSON in, complete Docker types out, with Go's zero values where the client is silent. */
import type { Static } from "typebox";
import { InvalidInput } from "../lib/invalid-input.ts";
import {
  type ContainerConfig,
  type EndpointSettings,
  emptyEndpointSettings,
  type HealthConfig,
  type HostConfig,
} from "./container.ts";
import { decodeHostConfig } from "./decode-container-host.ts";
import { createSchema, type endpointSchema, type healthcheckSchema } from "./decode-container-schema.ts";
import { jsonDecoder, keySet, textMap, words } from "./decode-json.ts";

export type CreateRequest = {
  config: ContainerConfig;
  hostConfig: HostConfig;
  /** network name -> what is asked of the endpoint */
  networking: Record<string, EndpointSettings>;
};

const checkCreate = jsonDecoder(createSchema, "CreateRequest");

/** The body of POST /containers/create. Throws InvalidInput. */
export function decodeCreate(body: unknown): CreateRequest {
  if (body === undefined || body === null) throw new InvalidInput("EOF");
  const sent = checkCreate(body);
  const networking: Record<string, EndpointSettings> = {};
  for (const [name, endpoint] of Object.entries(sent.NetworkingConfig?.EndpointsConfig ?? {})) {
    networking[name] = endpointSettings(endpoint ?? {});
  }
  return { config: containerConfig(sent), hostConfig: decodeHostConfig(sent.HostConfig ?? {}), networking };
}

function containerConfig(sent: Static<typeof createSchema>): ContainerConfig {
  return {
    Hostname: sent.Hostname ?? "",
    Domainname: sent.Domainname ?? "",
    User: sent.User ?? "",
    AttachStdin: sent.AttachStdin ?? false,
    AttachStdout: sent.AttachStdout ?? false,
    AttachStderr: sent.AttachStderr ?? false,
    ...(sent.ExposedPorts && { ExposedPorts: keySet(sent.ExposedPorts) }),
    Tty: sent.Tty ?? false,
    OpenStdin: sent.OpenStdin ?? false,
    StdinOnce: sent.StdinOnce ?? false,
    Env: sent.Env ?? [],
    Cmd: words(sent.Cmd),
    ...(sent.Healthcheck && { Healthcheck: healthcheck(sent.Healthcheck) }),
    ...(sent.ArgsEscaped && { ArgsEscaped: true }),
    Image: sent.Image ?? "",
    Volumes: sent.Volumes ? keySet(sent.Volumes) : null,
    WorkingDir: sent.WorkingDir ?? "",
    Entrypoint: words(sent.Entrypoint),
    ...(sent.NetworkDisabled && { NetworkDisabled: true }),
    ...(sent.MacAddress && { MacAddress: sent.MacAddress }),
    OnBuild: sent.OnBuild ?? null,
    Labels: textMap(sent.Labels) ?? {},
    ...(sent.StopSignal && { StopSignal: sent.StopSignal }),
    ...(typeof sent.StopTimeout === "number" && { StopTimeout: sent.StopTimeout }),
    ...(sent.Shell && { Shell: sent.Shell }),
  };
}

function healthcheck(sent: Static<typeof healthcheckSchema>): HealthConfig {
  return {
    ...(sent.Test && { Test: sent.Test }),
    ...(sent.Interval && { Interval: sent.Interval }),
    ...(sent.Timeout && { Timeout: sent.Timeout }),
    ...(sent.StartPeriod && { StartPeriod: sent.StartPeriod }),
    ...(sent.StartInterval && { StartInterval: sent.StartInterval }),
    ...(sent.Retries && { Retries: sent.Retries }),
  };
}

function endpointSettings(sent: Static<typeof endpointSchema>): EndpointSettings {
  const ipam = sent.IPAMConfig;
  return {
    ...emptyEndpointSettings(),
    IPAMConfig: ipam
      ? {
          ...(ipam.IPv4Address && { IPv4Address: ipam.IPv4Address }),
          ...(ipam.IPv6Address && { IPv6Address: ipam.IPv6Address }),
          ...(ipam.LinkLocalIPs && { LinkLocalIPs: ipam.LinkLocalIPs }),
        }
      : null,
    Links: sent.Links ?? null,
    Aliases: sent.Aliases ?? null,
    MacAddress: sent.MacAddress ?? "",
    DriverOpts: textMap(sent.DriverOpts) ?? null,
    GwPriority: sent.GwPriority ?? 0,
  };
}
