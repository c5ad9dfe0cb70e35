/** A bell jar: what it shows is the state of the container under it. */

export type JarState = "running" | "paused" | "created" | "ended" | "killed" | "restarting";

/** @param level 0 to 1: memory of its limit, as the soil's height */
export function Jar({ state, level = 0, size = "3rem" }: { state: JarState; level?: number; size?: string }) {
  const soil = 4 + 20 * Math.min(1, Math.max(0, level));
  return (
    <svg class={`jar ${state}`} viewBox="0 0 56 64" style={{ "--jar": size }} aria-hidden="true">
      <circle class="knob" cx="28" cy="6" r="4" />
      <path class="glass" d="M9 56V28C9 15 17 10 28 10s19 5 19 18v28z" />
      <path class="soil" d={`M9.8 56v-${soil}q9-2.6 18.2 0t18.2 0v${soil}z`} />
      {plant(state, 56 - soil)}
      <path class="shine" d="M15 48V29c0-6 2-9.500 6-11.500" />
      <rect class="pot" x="4" y="55" width="48" height="6" rx="3" />
    </svg>
  );
}

function plant(state: JarState, ground: number) {
  if (state === "ended") return <path class="stem" d={`M28 ${ground}v-5m0 0l-3-2`} />;
  if (state === "killed")
    return (
      <g class="wilted">
        <path class="stem" d={`M28 ${ground}v-12c0-6 8-6 10 1`} />
        <path class="leaf" d={`M38 ${ground - 11}c4 1 5 6 2 9c-4-2-5-6-2-9z`} />
        <path class="leaf" d={`M28 ${ground - 8}c-5-1-8 2-8 6c5 1 8-2 8-6z`} />
      </g>
    );
  if (state === "created")
    return (
      <g>
        <path class="stem" d={`M28 ${ground}v-7`} />
        <path class="leaf" d={`M28 ${ground - 6}c0-4 3-6 7-6c0 4-3 6-7 6zm0 0c0-3-2-5-6-5c0 3 2 5 6 5z`} />
      </g>
    );
  const top = Math.min(ground - 14, 22);
  const middle = (ground + top) / 2;
  return (
    <g class="grown">
      <path class="stem" d={`M28 ${ground}V${top}`} />
      <path class="leaf" d={`M28 ${middle + 5}c-9 0-12-4-12-9c8 0 12 3 12 9z`} />
      <path class="leaf" d={`M28 ${middle + 1}c0-6 4-9 12-9c0 5-3 9-12 9z`} />
      <path class="leaf" d={`M28 ${top + 5}c-6 0-9-3-9-7c6 0 9 2 9 7zm0-1c0-5 3-7 9-7c0 4-3 7-9 7z`} />
      {state === "paused" && (
        <path class="frost" d="M17 20l3 3m0-3l-3 3M36 33l3 3m0-3l-3 3M18 38l2 2m0-2l-2 2M38 21l2 2m0-2l-2 2" />
      )}
    </g>
  );
}
