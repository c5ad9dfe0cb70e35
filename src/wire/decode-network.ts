/** Decoders of what clients send about networks. */
import { Type } from "typebox";
import { InvalidInput } from "../lib/invalid-input.ts";
import { emptyEndpointSettings } from "./container.ts";
import { jsonDecoder } from "./decode-json.ts";
import type { IpamConfig, NetworkConnect, NetworkCreate, NetworkDisconnect } from "./network.ts";

/** Go decodes null into the zero value, everywhere. */
const text = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const flag = Type.Optional(Type.Union([Type.Boolean(), Type.Null()]));
const texts = Type.Optional(Type.Union([Type.Record(Type.String(), Type.String()), Type.Null()]));
const list = Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()]));

const decodeCreate = jsonDecoder(
  Type.Object({
    Name: text,
    Driver: text,
    Scope: text,
    Internal: flag,
    Attachable: flag,
    Ingress: flag,
    ConfigOnly: flag,
    ConfigFrom: Type.Optional(Type.Union([Type.Object({ Network: text }), Type.Null()])),
    EnableIPv4: flag,
    EnableIPv6: flag,
    IPAM: Type.Optional(
      Type.Union([
        Type.Object({
          Driver: text,
          Options: texts,
          Config: Type.Optional(
            Type.Union([
              Type.Array(Type.Object({ Subnet: text, IPRange: text, Gateway: text, AuxiliaryAddresses: texts })),
              Type.Null(),
            ]),
          ),
        }),
        Type.Null(),
      ]),
    ),
    Options: texts,
    Labels: texts,
  }),
  "CreateRequest",
);

const endpointSchema = Type.Object({
  IPAMConfig: Type.Optional(
    Type.Union([Type.Object({ IPv4Address: text, IPv6Address: text, LinkLocalIPs: list }), Type.Null()]),
  ),
  Links: list,
  Aliases: list,
  MacAddress: text,
  DriverOpts: texts,
  GwPriority: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
});

const decodeConnect = jsonDecoder(
  Type.Object({ Container: text, EndpointConfig: Type.Optional(Type.Union([endpointSchema, Type.Null()])) }),
  "ConnectOptions",
);
const decodeDisconnect = jsonDecoder(Type.Object({ Container: text, Force: flag }), "DisconnectOptions");

/** @throws InvalidInput */
export function networkCreate(body: unknown): NetworkCreate {
  const given = decodeCreate(present(body));
  return {
    Name: given.Name ?? "",
    Driver: given.Driver || "bridge",
    Scope: given.Scope ?? "",
    Internal: given.Internal ?? false,
    Attachable: given.Attachable ?? false,
    Ingress: given.Ingress ?? false,
    ConfigOnly: given.ConfigOnly ?? false,
    ConfigFrom: given.ConfigFrom?.Network ?? "",
    EnableIPv4: given.EnableIPv4 ?? undefined,
    EnableIPv6: given.EnableIPv6 ?? undefined,
    IPAM: {
      Driver: given.IPAM?.Driver || "default",
      Options: given.IPAM?.Options ?? null,
      Config: (given.IPAM?.Config ?? []).map(ipamConfig),
    },
    Options: given.Options ?? {},
    Labels: given.Labels ?? {},
  };
}

/** @throws InvalidInput */
export function networkConnect(body: unknown): NetworkConnect {
  const given = decodeConnect(present(body));
  const config = given.EndpointConfig;
  const ipam = config?.IPAMConfig;
  return {
    Container: given.Container ?? "",
    EndpointConfig: {
      ...emptyEndpointSettings(),
      IPAMConfig: ipam
        ? {
            IPv4Address: ipam.IPv4Address ?? "",
            IPv6Address: ipam.IPv6Address ?? "",
            LinkLocalIPs: ipam.LinkLocalIPs ?? [],
          }
        : null,
      Links: config?.Links ?? null,
      Aliases: config?.Aliases ?? null,
      MacAddress: config?.MacAddress ?? "",
      DriverOpts: config?.DriverOpts ?? null,
      GwPriority: config?.GwPriority ?? 0,
    },
  };
}

/** @throws InvalidInput */
export function networkDisconnect(body: unknown): NetworkDisconnect {
  const given = decodeDisconnect(present(body));
  return { Container: given.Container ?? "", Force: given.Force ?? false };
}

type GivenIpamConfig = {
  Subnet?: string | null;
  IPRange?: string | null;
  Gateway?: string | null;
  AuxiliaryAddresses?: Record<string, string> | null;
};

function ipamConfig(given: GivenIpamConfig): IpamConfig {
  const config: IpamConfig = {};
  if (given.Subnet) config.Subnet = given.Subnet;
  if (given.IPRange) config.IPRange = given.IPRange;
  if (given.Gateway) config.Gateway = given.Gateway;
  if (given.AuxiliaryAddresses) config.AuxiliaryAddresses = given.AuxiliaryAddresses;
  return config;
}

function present(body: unknown): unknown {
  if (body === undefined || body === null) throw new InvalidInput("invalid JSON: got EOF while reading request body");
  return body;
}
