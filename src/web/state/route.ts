/** Where one is: "#/inside/pinger". The address bar is the only memory of it, so that a link leads back. */
import { computed, signal } from "@preact/signals";

export const VIEWS = ["containers", "inside", "plan", "cgroups", "images", "events", "terminal"] as const;
export type View = (typeof VIEWS)[number];

const hash = signal(location.hash);
addEventListener("hashchange", () => {
  hash.value = location.hash;
});

export const view = computed<View>(() => {
  const word = parts()[0] ?? "";
  return (VIEWS as readonly string[]).includes(word) ? (word as View) : "containers";
});
/** The name behind the view: a container's, an image's, a cgroup's path. */
export const subject = computed(() => parts().slice(1).join("/"));

export const linkTo = (where: View, name = "") =>
  `#/${where}${name === "" ? "" : `/${name.split("/").map(encodeURIComponent).join("/")}`}`;

export function goTo(where: View, name = ""): void {
  location.hash = linkTo(where, name);
}

const parts = () => hash.value.replace(/^#\/?/, "").split("/").map(decode);

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
