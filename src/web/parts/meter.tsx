/** A number against its limit, as a bar with its words. */

type Props = {
  label: string;
  /** what is said of it: "12 MiB of 64 MiB" */
  words: string;
  /** 0 to 1; undefined: there is no limit, the bar is open */
  share: number | undefined;
  tone?: "leaf" | "glass" | "clay" | "berry";
};

export function Meter({ label, words, share, tone = "leaf" }: Props) {
  const full = share === undefined ? 0 : Math.min(1, Math.max(0, share));
  return (
    <div class={`meter ${tone} ${share === undefined ? "open" : ""} ${full > 0.9 ? "tight" : ""}`}>
      <span class="label">{label}</span>
      <span class="words">{words}</span>
      <span class="bar" aria-hidden="true">
        <i style={{ width: `${full * 100}%` }} />
      </span>
    </div>
  );
}
