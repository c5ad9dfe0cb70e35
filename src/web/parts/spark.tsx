/** A small curve of the last minute: a picture beside the words that say the number. */

/** @param values oldest first; @param most what the full height stands for */
export function Spark({ values, most }: { values: readonly number[]; most: number }) {
  const count = 60;
  const shown = values.slice(-count);
  const x = (at: number) => ((at + count - shown.length) / (count - 1)) * 100;
  const y = (value: number) => 23 - 22 * Math.min(1, most > 0 ? value / most : 0);
  const line = shown.map((value, at) => `${at === 0 ? "M" : "L"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  return (
    <svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      {shown.length > 1 && <path class="area" d={`${line}L100 24L${x(0).toFixed(1)} 24Z`} />}
      <path class="line" d={line} />
    </svg>
  );
}
