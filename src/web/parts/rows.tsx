/** A long list of rows of equal height, of which only those in sight are made. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

type Props<T> = {
  items: readonly T[];
  keyOf: (item: T) => string | number;
  children: (item: T) => ComponentChildren;
  label: string;
  /** rem */
  rowHeight: number;
  /** bring this one into sight when it changes */
  reveal?: number | undefined;
};

/** rows beyond the edges, and how far they are moved on at once */
const BEYOND = 8;
const STEP = 4;

export function Rows<T>({ items, keyOf, children, label, rowHeight, reveal }: Props<T>) {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ first: 0, last: 24 });
  const px = rowHeight * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const look = () => {
    const element = box.current;
    if (!element) return;
    const top = Math.floor(element.scrollTop / px / STEP) * STEP;
    const next = { first: top - BEYOND, last: top + Math.ceil(element.clientHeight / px) + STEP + BEYOND };
    // Scrolling tells of every pixel: the same rows are not made again.
    setSeen((seen) => (seen.first === next.first && seen.last === next.last ? seen : next));
  };
  useLayoutEffect(() => {
    look();
    const watch = new ResizeObserver(look);
    if (box.current) watch.observe(box.current);
    return () => watch.disconnect();
  }, [px]);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element || reveal === undefined || reveal < 0) return;
    const at = reveal * px;
    if (at < element.scrollTop || at + px > element.scrollTop + element.clientHeight)
      element.scrollTo({ top: at - element.clientHeight / 2 });
  }, [reveal]);
  // A list that has become shorter is scrolled back by the browser, which then tells of it.
  const first = Math.max(0, Math.min(seen.first, items.length - 1));
  const last = Math.min(items.length, seen.last);
  return (
    // A region that scrolls must be reachable by keyboard.
    <div class="rows" ref={box} onScroll={look} role="list" aria-label={label} tabIndex={0}>
      <div style={{ height: `${items.length * px}px` }} role="presentation">
        <div style={{ transform: `translateY(${first * px}px)` }} role="presentation">
          {items.slice(first, last).map((item) => (
            <div key={keyOf(item)} role="listitem" class="row-slot" style={{ height: `${px}px` }}>
              {children(item)}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
