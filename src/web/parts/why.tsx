/** What an empty panel says: why there is nothing, and what to do about it. */
import type { ComponentChildren } from "preact";
import { Copy } from "./copy.tsx";
import { Jar } from "./jar.tsx";

type Props = { title: string; children?: ComponentChildren; command?: string | undefined };

export function Why({ title, children, command }: Props) {
  return (
    <div class="why">
      <Jar state="ended" size="5rem" />
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {command && (
        <p class="command">
          <code>{command}</code>
          <Copy text={command} />
        </p>
      )}
    </div>
  );
}
