/** A live curve against its limit, drawn by uPlot; loaded when first shown. */
import { useEffect, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import { theme } from "../state/settings.ts";
import type { PlotData } from "./plot-options.ts";

export type Mark = { at: number; text: string; onClick?: () => void };
type Props = {
  title: string;
  /** what it says now, in words */
  words: string;
  data: PlotData;
  /** moments on the curve, Unix seconds */
  marks?: Mark[];
};

export function Plot({ title, words, data, marks = [] }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(data);
  const [range, setRange] = useState<{ left: number; width: number; min: number; max: number } | undefined>();
  latest.current = data;
  const look = theme();

  useEffect(() => {
    let gone = false;
    let watch: ResizeObserver | undefined;
    void import("./plot-options.ts").then(({ makePlot }) => {
      const element = place.current;
      if (gone || !element) return;
      const size = () => ({ width: element.clientWidth, height: element.clientHeight });
      const made = makePlot(element, size(), latest, (next) =>
        setRange((range) => (range && range.max === next.max && range.width === next.width ? range : next)),
      );
      plot.current = made;
      watch = new ResizeObserver(() => made.setSize(size()));
      watch.observe(element);
    });
    return () => {
      gone = true;
      watch?.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [look]);
  const newest = data.times.at(-1);
  useEffect(() => {
    const { times, series } = latest.current;
    plot.current?.setData([times, ...series.map(({ values }) => values)] as uPlot.AlignedData);
  }, [newest, data.times.length, data.limit]);

  return (
    <figure class="plot">
      <figcaption>
        <strong>{title}</strong> <span>{words}</span>
      </figcaption>
      <div class="canvas">
        <div ref={place} class="place" role="img" aria-label={`${title}: ${words}`} />
        {range &&
          marks
            .filter(({ at }) => at >= range.min && at <= range.max)
            .map(({ at, text, onClick }) => (
              <button
                key={at}
                type="button"
                class="mark"
                title={text}
                aria-label={text}
                style={{ left: `${range.left + ((at - range.min) / (range.max - range.min)) * range.width}px` }}
                onClick={onClick}
              >
                ✕
              </button>
            ))}
      </div>
    </figure>
  );
}
