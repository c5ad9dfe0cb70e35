/** Asks before what cannot be undone. One at a time, by the browser's own dialog: it keeps the focus and knows Escape. */
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

type Question = {
  title: string;
  text: ComponentChildren;
  /** words of the button that does it */
  action: string;
  run: () => void;
};
const asked = signal<Question | undefined>(undefined);

export function confirm(question: Question): void {
  asked.value = question;
}

export function ConfirmDialog() {
  const question = asked.value;
  if (question === undefined) return null;
  const close = () => {
    asked.value = undefined;
  };
  return (
    <Dialog title={question.title} onClose={close}>
      <p>{question.text}</p>
      <div class="actions end">
        <button type="button" onClick={close}>
          Cancel
        </button>
        <button
          type="button"
          class="danger"
          autofocus
          onClick={() => {
            close();
            question.run();
          }}
        >
          {question.action}
        </button>
      </div>
    </Dialog>
  );
}

export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren; wide?: boolean }) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current?.showModal(), []);
  return (
    <dialog ref={element} class={props.wide ? "wide" : ""} aria-labelledby="dialog-title" onClose={props.onClose}>
      <h2 id="dialog-title">{props.title}</h2>
      {props.children}
    </dialog>
  );
}
