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

const BEYOND = 8;

export function Rows<T>({ items, keyOf, children, label, rowHeight, reveal }: Props<T>) {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 800 });
  const px = rowHeight * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const look = () => {
    const element = box.current;
    if (element) setSeen({ top: element.scrollTop, height: element.clientHeight });
  };
  useLayoutEffect(() => {
    look();
    const watch = new ResizeObserver(look);
    if (box.current) watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element || reveal === undefined || reveal < 0) return;
    const at = reveal * px;
    if (at < element.scrollTop || at + px > element.scrollTop + element.clientHeight)
      element.scrollTo({ top: at - element.clientHeight / 2 });
  }, [reveal]);
  const first = Math.max(0, Math.floor(seen.top / px) - BEYOND);
  const last = Math.min(items.length, Math.ceil((seen.top + seen.height) / px) + BEYOND);
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
