/** GET /cloche/v1/openapi.json: the glass API in OpenAPI 3.1, whose schemas are JSON Schema as TypeBox makes it. */
import { TOPICS } from "../glass.ts";
import { SCHEMAS } from "./schemas.ts";

type Schema = keyof typeof SCHEMAS;
type Operation = {
  method: "get" | "post";
  path: string;
  summary: string;
  answer: Schema | "script" | "stream" | "document";
  /** takes the body of POST /containers/create */
  body?: true;
  query?: string[];
  errors?: number[];
};

export const OPERATIONS: readonly Operation[] = [
  {
    method: "get",
    path: "/containers/{id}/plan",
    summary: "The plan of the last start, with the time of each operation",
    answer: "PlanAnswer",
    errors: [404, 409],
  },
  {
    method: "get",
    path: "/containers/{id}/script",
    summary: "A shell script that makes an equal container by hand",
    answer: "script",
    errors: [404, 409],
  },
  {
    method: "post",
    path: "/plan",
    summary: "What would be done for a create body; nothing is started",
    answer: "PlanAnswer",
    body: true,
    query: ["name", "platform"],
    errors: [400, 404, 409],
  },
  {
    method: "post",
    path: "/plan/script",
    summary: "The script of that",
    answer: "script",
    body: true,
    query: ["name", "platform"],
    errors: [400, 404, 409],
  },
  {
    method: "get",
    path: "/containers/{id}/map",
    summary: "Every process of a container, from both sides",
    answer: "MapAnswer",
    errors: [404],
  },
  {
    method: "get",
    path: "/containers/{id}/oom",
    summary: "The kernel's kills for memory in its last run",
    answer: "OomAnswer",
    errors: [404],
  },
  {
    method: "get",
    path: "/containers/{id}/history",
    summary: "Its samples of the last five minutes",
    answer: "HistoryAnswer",
    errors: [404],
  },
  {
    method: "get",
    path: "/stream",
    summary: `Server-sent events; topics: ${TOPICS.join(", ")}, map:ID, with commas between`,
    answer: "stream",
    query: ["topics"],
    errors: [400, 404],
  },
  {
    method: "get",
    path: "/oom",
    summary: "All reports of kills for memory that are known",
    answer: "OomReportsAnswer",
  },
  { method: "get", path: "/lab", summary: "Steps that a lab's engine can leave out of a plan", answer: "LabAnswer" },
  {
    method: "get",
    path: "/whois/{pid}",
    summary: "Whose a process of the host is, what isolates and limits it",
    answer: "WhoisAnswer",
    errors: [400, 403, 404],
  },
  { method: "get", path: "/namespaces", summary: "Each namespace that some process is in", answer: "NamespacesAnswer" },
  { method: "get", path: "/cgroups", summary: "The tree of control groups", answer: "CgroupsAnswer" },
  { method: "get", path: "/openapi.json", summary: "This description", answer: "document" },
];

/** Of the stream, by the name of the event. */
const MESSAGES: Record<string, Schema> = {
  hello: "Hello",
  containers: "ContainersMessage",
  samples: "SamplesMessage",
  events: "DockerEvent",
  oom: "OomAnswer",
  map: "MapAnswer",
  processes: "ProcessesMessage",
  cgroups: "CgroupsAnswer",
  trouble: "Trouble",
};

export function openApiDocument(version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of OPERATIONS) {
    const path = `/cloche/v1${operation.path}`;
    paths[path] = { ...paths[path], [operation.method]: described(operation) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Cloche's glass API",
      version,
      description:
        "What containers are made of and what the host sees of them, beside Docker's API on the same socket. docs/glass-api.md tells what the answers mean.",
    },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: {
        ...SCHEMAS,
        Error: { type: "object", required: ["message"], properties: { message: { type: "string" } } },
      },
    },
  };
}

const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });

function described({ path, summary, answer, body, query = [], errors = [] }: Operation): object {
  const inPath = [...path.matchAll(/{(\w+)}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery = query.map((name) => ({ name, in: "query", required: name === "topics", schema: { type: "string" } }));
  return {
    summary,
    parameters: [...inPath, ...inQuery],
    ...(body && {
      requestBody: {
        description: "as POST /containers/create of Docker's API takes it",
        required: true,
        content: { "application/json": { schema: { type: "object" } } },
      },
    }),
    responses: {
      200: { description: "OK", content: contentOf(answer) },
      ...Object.fromEntries(
        errors.map((status) => [
          status,
          { description: "refused", content: { "application/json": { schema: reference("Error") } } },
        ]),
      ),
    },
  };
}

function contentOf(answer: Operation["answer"]): object {
  if (answer === "script") return { "text/x-shellscript": { schema: { type: "string" } } };
  if (answer === "document") return { "application/json": { schema: { type: "object" } } };
  // OpenAPI 3.1 has no words for the events of a stream: x-messages has the schema of each one's data.
  if (answer === "stream") {
    const messages = Object.entries(MESSAGES).map(([event, name]) => [event, reference(name)]);
    return { "text/event-stream": { schema: { type: "string" }, "x-messages": Object.fromEntries(messages) } };
  }
  return { "application/json": { schema: reference(answer) } };
}
