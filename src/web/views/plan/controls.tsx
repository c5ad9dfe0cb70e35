import type { Player } from "./player.ts";

const SIGNS = {
  first: "M6 5v14M19 5l-10 7 10 7z",
  phaseBack: "M12 5l-9 7 9 7zM21 5l-9 7 9 7z",
  back: "M17 5L7 12l10 7z",
  play: "M7 5l11 7-11 7z",
  pause: "M8 5v14M16 5v14",
  forward: "M7 5l10 7-10 7z",
  phase: "M12 5l9 7-9 7zM3 5l9 7-9 7z",
  last: "M18 5v14M5 5l10 7-10 7z",
};

export function Controls({ player, count }: { player: Player; count: number }) {
  const { at, playing, goTo, step, toggle, phase } = player;
  return (
    <div class="controls" role="group" aria-label="Replay">
      <Button sign="first" words="First operation" onClick={() => goTo(0)} />
      <Button sign="phaseBack" words="Phase before" onClick={() => phase(-1)} />
      <Button sign="back" words="Step back" onClick={() => step(-1)} disabled={at === 0} />
      <button type="button" class="main play" onClick={toggle} aria-pressed={playing}>
        <Sign name={playing ? "pause" : "play"} /> {playing ? "Pause" : "Play"}
      </button>
      <Button sign="forward" words="Step forward" onClick={() => step(1)} disabled={at === count - 1} />
      <Button sign="phase" words="Next phase" onClick={() => phase(1)} />
      <Button sign="last" words="Last operation" onClick={() => goTo(count - 1)} />
      <span class="hint keys">
        <kbd>Space</kbd> plays, <kbd>←</kbd> <kbd>→</kbd> step, <kbd>[</kbd> <kbd>]</kbd> phases
      </span>
    </div>
  );
}

function Button(props: { sign: keyof typeof SIGNS; words: string; onClick: () => void; disabled?: boolean }) {
  return (
    <button
      type="button"
      aria-label={props.words}
      title={props.words}
      onClick={props.onClick}
      disabled={props.disabled}
    >
      <Sign name={props.sign} />
    </button>
  );
}

function Sign({ name }: { name: keyof typeof SIGNS }) {
  return (
    <svg class="player-sign" viewBox="0 0 24 24" aria-hidden="true">
      <path d={SIGNS[name]} />
    </svg>
  );
}
