import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export type PlotData = {
  /** Unix seconds */
  times: number[];
  series: { name: string; colour: "leaf" | "glass" | "clay"; values: (number | null)[] }[];
  /** a line across; undefined: none */
  limit: number | undefined;
  /** the height at least */
  least: number;
  format: (value: number) => string;
  /** between two lines across, the least first */
  steps: number[];
  /** it has ended: times are told from there */
  ended: boolean;
};
/** seconds to show: what there is should fill more than half */
const SPANS = [40, 60, 120];

function spanOf({ times }: PlotData): number {
  const length = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return SPANS.find((span) => length <= span) ?? SPANS.at(-1) ?? 120;
}

type Range = { left: number; width: number; min: number; max: number };

/** @param data where the newest data stands: limit and scale are read at each drawing */
export function makePlot(
  element: HTMLElement,
  size: { width: number; height: number },
  data: { readonly current: PlotData },
  onRange: (range: Range) => void,
): uPlot {
  const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const font = `${rem * 0.75}px system-ui, sans-serif`;
  const [ink, line, berry] = [colour("ink-2"), colour("line"), colour("berry")];
  const axis = { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  const plot = new uPlot(
    {
      ...size,
      legend: { show: false },
      cursor: { show: false },
      padding: [rem * 0.5, rem * 0.5, 0, 0],
      scales: {
        x: {
          time: true,
          range: () => {
            const last = data.current.times.at(-1) ?? Date.now() / 1000;
            return [last - spanOf(data.current), last];
          },
        },
        y: {
          range: (_plot, _min, max) => {
            const { limit, least } = data.current;
            const most = Math.max(max ?? 0, least);
            // A limit far above would press the curve to the floor.
            return [0, limit !== undefined && limit < most * 12 ? Math.max(limit * 1.12, most * 1.05) : most * 1.15];
          },
        },
      },
      axes: [
        {
          ...axis,
          size: rem * 1.8,
          splits: (plot) => [0.25, 0.5, 0.75].map((part) => (plot.scales.x?.max ?? 0) - part * spanOf(data.current)),
          values: (plot, ticks) =>
            ticks.map((at) => {
              const seconds = Number(((plot.scales.x?.max ?? 0) - at).toFixed(1));
              return `${seconds} s ${data.current.ended ? "before" : "ago"}`;
            }),
        },
        {
          ...axis,
          size: rem * 4.4,
          values: (_plot, ticks) => ticks.map((tick) => data.current.format(tick)),
          space: rem * 2.2,
          incrs: data.current.steps,
        },
      ],
      series: [
        {},
        ...data.current.series.map(({ name, colour: tone }) => ({
          label: name,
          stroke: colour(tone),
          fill: `${colour(tone)}33`,
          width: 2,
          // One sample alone makes no line: a container that did not live for two seconds.
          points: { show: () => data.current.times.length < 2, size: rem * 0.5 },
          spanGaps: true,
        })),
      ],
      hooks: {
        draw: [
          (plot) => {
            const { limit } = data.current;
            if (limit === undefined) return;
            const y = plot.valToPos(limit, "y", true);
            const { left, width, top } = plot.bbox;
            if (y < top) return;
            plot.ctx.save();
            plot.ctx.strokeStyle = berry;
            plot.ctx.setLineDash([6, 5]);
            plot.ctx.lineWidth = 2;
            plot.ctx.beginPath();
            plot.ctx.moveTo(left, y);
            plot.ctx.lineTo(left + width, y);
            plot.ctx.stroke();
            plot.ctx.restore();
          },
          (plot) => {
            const { min, max } = plot.scales.x ?? {};
            const { left, width } = plot.bbox;
            const px = devicePixelRatio;
            if (min != null && max != null) onRange({ left: left / px, width: width / px, min, max });
          },
        ],
      },
    },
    [data.current.times, ...data.current.series.map(({ values }) => values)] as uPlot.AlignedData,
    element,
  );
  return plot;
}
