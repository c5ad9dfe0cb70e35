import { Component, type ComponentChildren } from "preact";
import { textOf } from "../api.ts";
import { Why } from "./why.tsx";

/** A fault in one view must not take the others with it. Give it the view's name as key: then the next one begins anew. */
export class Boundary extends Component<{ children: ComponentChildren }, { fault?: unknown }> {
  override state: { fault?: unknown } = {};

  override componentDidCatch(fault: unknown): void {
    console.error(fault);
    this.setState({ fault });
  }

  override render({ children }: { children: ComponentChildren }) {
    if (this.state.fault === undefined) return children;
    return (
      <Why title="This view has a fault">
        {textOf(this.state.fault)} The others go on; reload the page to try this one again.
      </Why>
    );
  }
}
