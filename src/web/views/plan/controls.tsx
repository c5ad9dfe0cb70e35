import type { Player } from "./player.ts";

export function Controls({ player, count }: { player: Player; count: number }) {
  const { at, playing, goTo, toggle, phase } = player;
  return (
    <div class="controls" role="group" aria-label="Replay">
      <button type="button" onClick={() => goTo(0)} aria-label="First operation">
        ⏮
      </button>
      <button type="button" onClick={() => phase(-1)} aria-label="Phase before">
        ⏪
      </button>
      <button type="button" onClick={() => goTo(at - 1)} disabled={at === 0} aria-label="Step back">
        ◀
      </button>
      <button type="button" class="main play" onClick={toggle} aria-pressed={playing}>
        {playing ? "❚❚ Pause" : "▶ Play"}
      </button>
      <button type="button" onClick={() => goTo(at + 1)} disabled={at === count - 1} aria-label="Step forward">
        ▶
      </button>
      <button type="button" onClick={() => phase(1)} aria-label="Next phase">
        ⏩
      </button>
      <button type="button" onClick={() => goTo(count - 1)} aria-label="Last operation">
        ⏭
      </button>
      <span class="hint keys">
        <kbd>Space</kbd> plays, <kbd>←</kbd> <kbd>→</kbd> step, <kbd>[</kbd> <kbd>]</kbd> phases
      </span>
    </div>
  );
}
