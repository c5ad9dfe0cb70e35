import type { View } from "../state/route.ts";

const PATHS: Record<View, string> = {
  containers:
    "M4 20V12a8 8 0 0 1 16 0v8M2.500 20.500h19M12 4V2M12 20v-7m0 4c-3 0-4-2-4-3.500 2.500 0 4 1 4 3.500zm0-1c0-2 1.500-3 4-3 0 1.500-1 3-4 3z",
  inside: "M12 2v20M3 5h5v14H3zM16 5h5v14h-5zM8 12h8",
  plan: "M4 5h2M10 5h10M4 12h2M10 12h10M4 19h2M10 19h10",
  cgroups: "M12 3v5M5 21v-5h14v5M12 8v8M12 16v5",
  images: "M12 3l9 4.500-9 4.500-9-4.500zM3 12l9 4.500 9-4.500M3 16.500L12 21l9-4.500",
  events: "M2 12h4l3-8 5 16 3-8h5",
  terminal: "M3 4h18v16H3zM7 9l3 3-3 3M12 15h5",
};

export function Icon({ view }: { view: View }) {
  return (
    <svg class="sign" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[view]} />
    </svg>
  );
}
