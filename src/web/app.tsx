/** The frame: where one can go, how the host is, and the view itself. */
import type { FunctionComponent } from "preact";
import { useEffect } from "preact/hooks";
import { Boundary } from "./parts/boundary.tsx";
import { ConfirmDialog } from "./parts/confirm.tsx";
import { HostCard } from "./parts/host-card.tsx";
import { Icon } from "./parts/icon.tsx";
import { Notices } from "./parts/notices.tsx";
import { connection, findContainer, nameOf } from "./state/live.ts";
import { linkTo, subject, VIEWS, type View, view } from "./state/route.ts";
import { large, theme, toggleLarge, toggleTheme } from "./state/settings.ts";
import { Cgroups } from "./views/cgroups.tsx";
import { Containers } from "./views/containers.tsx";
import { Events } from "./views/events.tsx";
import { Images } from "./views/images.tsx";
import { Inside } from "./views/inside.tsx";
import { Plan } from "./views/plan.tsx";
import { TerminalView } from "./views/terminal.tsx";

/** brief: for the bar of a phone, where seven stand side by side */
const PAGES: Record<View, { title: string; brief?: string; show: FunctionComponent; ofContainer: boolean }> = {
  containers: { title: "Containers", show: Containers, ofContainer: true },
  inside: { title: "Inside | Outside", brief: "Inside", show: Inside, ofContainer: true },
  plan: { title: "Plan", show: Plan, ofContainer: true },
  cgroups: { title: "Control groups", brief: "Groups", show: Cgroups, ofContainer: false },
  images: { title: "Images", show: Images, ofContainer: false },
  events: { title: "Events", show: Events, ofContainer: false },
  terminal: { title: "Terminal", show: TerminalView, ofContainer: true },
};

export function App() {
  const { title, show: Show } = PAGES[view.value];
  useEffect(() => {
    document.title = `${title}${subject.value ? ` · ${subject.value}` : ""} · Cloche`;
  }, [title, subject.value]);
  return (
    <div class="frame">
      <button type="button" class="skip" onClick={focusMain}>
        To the content
      </button>
      <header class="side">
        <p class="brand">
          <BrandMark />
          <span>Cloche</span>
        </p>
        <nav aria-label="Views">
          {VIEWS.map((name) => (
            <NavLink key={name} name={name} />
          ))}
        </nav>
        <div class="foot">
          <HostCard />
          <div class="switches">
            <button type="button" aria-pressed={large.value} onClick={toggleLarge} title="For the back of the room">
              <span aria-hidden="true">Aa</span> Large type
            </button>
            <button type="button" aria-pressed={theme() === "dark"} onClick={toggleTheme}>
              <span aria-hidden="true">{theme() === "dark" ? "☾" : "☀"}</span> Dark
            </button>
          </div>
        </div>
      </header>
      <main id="main" tabIndex={-1} class={`view-${view.value}`}>
        <Lost />
        <Boundary key={view.value}>
          <Show />
        </Boundary>
      </main>
      <Notices />
      <ConfirmDialog />
    </div>
  );
}

function NavLink({ name }: { name: View }) {
  const { title, brief = title, ofContainer } = PAGES[name];
  const found = ofContainer && name !== "containers" ? findContainer(subject.value) : undefined;
  return (
    <a
      href={linkTo(name, found && nameOf(found))}
      aria-current={view.value === name ? "page" : undefined}
      aria-label={title}
    >
      <Icon view={name} />
      <span class="long">{title}</span>
      <span class="brief">{brief}</span>
    </a>
  );
}

function Lost() {
  const { state, reason } = connection.value;
  return state === "lost" ? (
    <p class="lost" role="alert">
      <strong>Not live.</strong> {reason}
    </p>
  ) : null;
}

function BrandMark() {
  return (
    <svg viewBox="0 0 48 48" aria-hidden="true">
      <path class="glass" d="M9 40V22C9 11 16 7 24 7s15 4 15 15v18z" />
      <circle class="knob" cx="24" cy="4.500" r="3" />
      <path class="leaf" d="M24 40V22m0 10c-7 0-9-4-9-8 6 0 9 3 9 8zm0-5c0-5 3-8 9-8 0 4-2 8-9 8z" />
      <rect class="pot" x="4" y="40" width="40" height="5" rx="2.500" />
    </svg>
  );
}

function focusMain(): void {
  document.getElementById("main")?.focus();
}
