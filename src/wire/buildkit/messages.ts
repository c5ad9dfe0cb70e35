/**
 * BuildKit's messages, as far as they are read or sent here; fields that are not named are skipped on the way in.
 * Sources: moby/buildkit (api/services/control, api/types, frontend/gateway/pb, session/*), tonistiigi/fsutil (types).
 */
import protobuf from "protobufjs";

const { root } = protobuf.parse(
  `
  syntax = "proto3";

  message Timestamp { int64 seconds = 1; int32 nanos = 2; }
  message Empty {}

  // ---- moby.buildkit.v1.Control
  message SolveRequest {
    string Ref = 1;
    Definition Definition = 2;
    string Exporter = 3;
    map<string, string> ExporterAttrs = 4;
    string Session = 5;
    string Frontend = 6;
    map<string, string> FrontendAttrs = 7;
    repeated string Entitlements = 9;
    repeated Exporter Exporters = 13;
  }
  message Exporter { string Type = 1; map<string, string> Attrs = 2; }
  message Definition { repeated bytes def = 1; }
  message SolveResponse { map<string, string> ExporterResponse = 1; }
  message StatusRequest { string Ref = 1; }
  message StatusResponse {
    repeated Vertex vertexes = 1;
    repeated VertexStatus statuses = 2;
    repeated VertexLog logs = 3;
    repeated VertexWarning warnings = 4;
  }
  message Vertex {
    string digest = 1;
    repeated string inputs = 2;
    string name = 3;
    bool cached = 4;
    Timestamp started = 5;
    Timestamp completed = 6;
    string error = 7;
  }
  message VertexStatus {
    string ID = 1;
    string vertex = 2;
    string name = 3;
    int64 current = 4;
    int64 total = 5;
    Timestamp timestamp = 6;
    Timestamp started = 7;
    Timestamp completed = 8;
  }
  message VertexLog { string vertex = 1; Timestamp timestamp = 2; int64 stream = 3; bytes msg = 4; }
  message VertexWarning { string vertex = 1; int64 level = 2; bytes short = 3; repeated bytes detail = 4; string url = 5; }
  message ListWorkersResponse { repeated WorkerRecord record = 1; }
  message WorkerRecord {
    string ID = 1;
    map<string, string> Labels = 2;
    repeated Platform platforms = 3;
    BuildkitVersion BuildkitVersion = 5;
  }
  message Platform { string Architecture = 1; string OS = 2; string Variant = 3; }
  message InfoResponse { BuildkitVersion buildkitVersion = 1; }
  message BuildkitVersion { string package = 1; string version = 2; string revision = 3; }
  message DiskUsageResponse { repeated UsageRecord record = 1; }
  message UsageRecord {
    string ID = 1;
    bool Mutable = 2;
    bool InUse = 3;
    int64 Size = 4;
    Timestamp CreatedAt = 6;
    string Description = 9;
    string RecordType = 10;
  }

  // ---- moby.buildkit.v1.frontend.LLBBridge
  message PongResponse { repeated APICap FrontendAPICaps = 1; repeated APICap LLBCaps = 2; repeated WorkerRecord Workers = 3; }
  message APICap { string ID = 1; bool Enabled = 2; }
  message BridgeSolveRequest {
    Definition Definition = 1;
    string Frontend = 2;
    map<string, string> FrontendOpt = 3;
  }
  message BridgeSolveResponse { Result result = 3; }
  message ReturnRequest { Result result = 1; RpcStatus error = 2; }
  message Result {
    oneof result {
      string refDeprecated = 1;
      Ref ref = 3;
      RefMap refs = 4;
    }
    map<string, bytes> metadata = 10;
  }
  message Ref { string id = 1; }
  message RefMap { map<string, Ref> refs = 1; }
  message RpcStatus { int32 code = 1; string message = 2; }

  // ---- of a session
  message Packet { uint32 type = 1; Stat stat = 2; uint32 ID = 3; bytes data = 4; }
  message Stat {
    string path = 1;
    uint32 mode = 2;
    uint32 uid = 3;
    uint32 gid = 4;
    int64 size = 5;
    int64 modTime = 6;
    string linkname = 7;
    int64 devmajor = 8;
    int64 devminor = 9;
    map<string, bytes> xattrs = 10;
  }
  message BytesMessage { bytes data = 1; }
  message GetSecretRequest { string ID = 1; map<string, string> annotations = 2; }
  message GetSecretResponse { bytes data = 1; }
  message CredentialsRequest { string Host = 1; }
  message CredentialsResponse { string Username = 1; string Secret = 2; }
  `,
  { keepCase: true },
);

/** Nanoseconds apart from seconds: together they are more than a number holds. */
export type Timestamp = { seconds: number; nanos: number };

export type Definition = { def: Uint8Array[] };
export type SolveRequest = {
  Ref: string;
  Definition: Definition | null;
  Exporter: string;
  ExporterAttrs: Record<string, string>;
  Session: string;
  Frontend: string;
  FrontendAttrs: Record<string, string>;
  Entitlements: string[];
  Exporters: { Type: string; Attrs: Record<string, string> }[];
};
export type Vertex = {
  digest: string;
  inputs?: string[];
  name: string;
  cached?: boolean;
  started?: Timestamp;
  completed?: Timestamp;
  error?: string;
};
export type VertexStatus = {
  ID: string;
  vertex: string;
  name?: string;
  current?: number;
  total?: number;
  timestamp: Timestamp;
  started?: Timestamp;
  completed?: Timestamp;
};
/** @property stream 1 stdout, 2 stderr */
export type VertexLog = { vertex: string; timestamp: Timestamp; stream: number; msg: Uint8Array };
export type VertexWarning = { vertex: string; level: number; short: Uint8Array };
export type StatusResponse = {
  vertexes?: Vertex[];
  statuses?: VertexStatus[];
  logs?: VertexLog[];
  warnings?: VertexWarning[];
};
export type WorkerRecord = {
  ID: string;
  Labels: Record<string, string>;
  platforms: { Architecture: string; OS: string; Variant: string }[];
  BuildkitVersion: { package: string; version: string; revision: string };
};
export type UsageRecord = {
  ID: string;
  Mutable: boolean;
  InUse: boolean;
  Size: number;
  CreatedAt: Timestamp;
  Description: string;
  RecordType: string;
};
export type Ref = { id: string };
export type Result = {
  refDeprecated?: string;
  ref?: Ref;
  refs?: { refs: Record<string, Ref> };
  metadata: Record<string, Uint8Array>;
};
/** @property mode Go's os.FileMode. @property modTime nanoseconds since 1970, to the next double */
export type Stat = {
  path: string;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  modTime: number;
  linkname: string;
  devmajor: number;
  devminor: number;
  xattrs: Record<string, Uint8Array>;
};
export type Packet = { type: number; stat: Stat | null; ID: number; data: Uint8Array };

export type Codec<T> = {
  encode(message: Partial<T>): Uint8Array;
  /** Missing fields have proto3's defaults, missing messages are null. @throws Error on what is no such message */
  decode(bytes: Uint8Array): T;
};

function codec<T>(name: string): Codec<T> {
  const type = root.lookupType(name);
  return {
    encode: (message) => type.encode(type.fromObject(message)).finish(),
    decode: (bytes) =>
      type.toObject(type.decode(bytes), { longs: Number, arrays: true, objects: true, defaults: true }) as T,
  };
}

export const MESSAGES = {
  empty: codec<object>("Empty"),
  solveRequest: codec<SolveRequest>("SolveRequest"),
  solveResponse: codec<{ ExporterResponse: Record<string, string> }>("SolveResponse"),
  statusRequest: codec<{ Ref: string }>("StatusRequest"),
  statusResponse: codec<StatusResponse>("StatusResponse"),
  listWorkersResponse: codec<{ record: WorkerRecord[] }>("ListWorkersResponse"),
  infoResponse: codec<{ buildkitVersion: WorkerRecord["BuildkitVersion"] }>("InfoResponse"),
  diskUsageResponse: codec<{ record: UsageRecord[] }>("DiskUsageResponse"),
  usageRecord: codec<UsageRecord>("UsageRecord"),
  pongResponse: codec<{
    FrontendAPICaps: { ID: string; Enabled: boolean }[];
    LLBCaps: { ID: string; Enabled: boolean }[];
    Workers: WorkerRecord[];
  }>("PongResponse"),
  bridgeSolveRequest: codec<{ Definition: Definition | null; Frontend: string; FrontendOpt: Record<string, string> }>(
    "BridgeSolveRequest",
  ),
  bridgeSolveResponse: codec<{ result: Result }>("BridgeSolveResponse"),
  returnRequest: codec<{ result: Result | null; error: { code: number; message: string } | null }>("ReturnRequest"),
  packet: codec<Packet>("Packet"),
  bytesMessage: codec<{ data: Uint8Array }>("BytesMessage"),
  getSecretRequest: codec<{ ID: string }>("GetSecretRequest"),
  getSecretResponse: codec<{ data: Uint8Array }>("GetSecretResponse"),
  credentialsRequest: codec<{ Host: string }>("CredentialsRequest"),
  credentialsResponse: codec<{ Username: string; Secret: string }>("CredentialsResponse"),
};
