/** GET /metrics: running containers and the engine itself, for Prometheus. */
import type { Gauge, Registry } from "prom-client";
import type { ContainerStore } from "../containers/container.ts";
import type { Sampler } from "../sampling/sampler.ts";
import type { Reading } from "../sampling/to-sample.ts";
import { CONTAINER_METRICS, NETWORK_METRICS } from "./container-metrics.ts";
import { START_BUCKETS, type Starts } from "./starts.ts";

/** More are left out, and counted: a scrape must not grow without bound. */
const CONTAINERS_AT_MOST = 1000;
/** Image names come from users. */
const LONGEST_LABEL = 256;

type Labels = { id: string; name: string; image: string };
type Prometheus = typeof import("prom-client");
export type Metrics = { render(): Promise<{ contentType: string; text: string }> };

export function createMetrics(deps: {
  store: Pick<ContainerStore, "all">;
  sampler: Pick<Sampler, "all">;
  starts: Pick<Starts, "read">;
  version: string;
}): Metrics {
  return {
    async render() {
      // At the first scrape: most engines are never asked.
      const prometheus = await import("prom-client");
      const registry = new prometheus.Registry();
      const readings = await deps.sampler.all();
      const told = readings.slice(0, CONTAINERS_AT_MOST).map(({ container: { record }, reading }) => ({
        labels: {
          id: record.id,
          name: record.name.slice(0, LONGEST_LABEL),
          image: record.config.Image.slice(0, LONGEST_LABEL),
        },
        reading,
      }));
      tellContainers(prometheus, registry, told);
      tellEngine(prometheus, registry, deps, readings.length - told.length);
      const text = await registry.metrics();
      return { contentType: registry.contentType, text: text + startHistogram(deps.starts) };
    },
  };
}

function tellContainers(
  prometheus: Prometheus,
  registry: Registry,
  containers: { labels: Labels; reading: Reading }[],
): void {
  const registers = [registry];
  for (const { name, help, type, read } of CONTAINER_METRICS) {
    const options = { name, help, registers, labelNames: ["id", "name", "image"] };
    const metric = type === "counter" ? new prometheus.Counter(options) : new prometheus.Gauge(options);
    for (const { labels, reading } of containers) {
      const value = read(reading);
      if (value !== undefined) metric.inc(labels, value);
    }
  }
  for (const [name, help, field] of NETWORK_METRICS) {
    const metric = new prometheus.Counter({ name, help, registers, labelNames: ["id", "name", "image", "interface"] });
    for (const { labels, reading } of containers) {
      for (const [device, counters] of Object.entries(reading.networks ?? {}))
        metric.inc({ ...labels, interface: device }, counters[field]);
    }
  }
}

function tellEngine(
  prometheus: Prometheus,
  registry: Registry,
  { store, starts, version }: { store: Pick<ContainerStore, "all">; starts: Pick<Starts, "read">; version: string },
  omitted: number,
): void {
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
    new prometheus.Gauge({ name, help, registers, labelNames });
  const counter = (name: string, help: string, value: number) =>
    new prometheus.Counter({ name, help, registers }).inc(value);
  gauge("cloche_engine_info", "the engine that is asked, always 1", ["version"]).set({ version }, 1);
  const states = gauge("cloche_containers", "containers by state", ["state"]);
  for (const state of ["created", "running", "paused", "restarting", "removing", "exited", "dead"])
    states.set({ state }, 0);
  for (const { record } of store.all()) states.inc({ state: record.state.status });
  gauge("cloche_metrics_omitted_containers", "running containers of which nothing is told here").set(omitted);
  const { done, failed } = starts.read();
  counter("cloche_container_starts_total", "starts that succeeded, restarts included", done);
  counter("cloche_container_start_failures_total", "starts that failed", failed);
  const { rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  counter("process_cpu_seconds_total", "CPU time of the engine's own process", (user + system) / 1e6);
  gauge("process_resident_memory_bytes", "resident memory of the engine's own process").set(rss);
}

/** It has been counted before prom-client was loaded: https://prometheus.io/docs/instrumenting/exposition_formats/ */
function startHistogram(starts: Pick<Starts, "read">): string {
  const { done, seconds, buckets } = starts.read();
  const name = "cloche_container_start_seconds";
  return [
    `# HELP ${name} how long starts took, from the request to a running process`,
    `# TYPE ${name} histogram`,
    ...START_BUCKETS.map((bound, at) => `${name}_bucket{le="${bound}"} ${buckets[at]}`),
    `${name}_bucket{le="+Inf"} ${done}`,
    `${name}_sum ${seconds}`,
    `${name}_count ${done}`,
    "",
  ].join("\n");
}
