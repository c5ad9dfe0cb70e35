import { useState } from "preact/hooks";

/** A button that puts a text into the clipboard. */
export function Copy({ text, what = "command" }: { text: string; what?: string }) {
  const [said, say] = useState("");
  const copy = async () => {
    // Browsers have no clipboard for pages that are not trusted; loopback is, but another name for it may not be.
    const done = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    say(done ? "copied" : "not possible");
    setTimeout(() => say(""), 2000);
  };
  return (
    <button type="button" class="quiet copy" onClick={copy} aria-label={`Copy the ${what}`}>
      {said || "copy"}
    </button>
  );
}
