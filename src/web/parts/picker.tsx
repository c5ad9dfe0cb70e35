/** Which container the view is about. */
import { containers, findContainer, isUp, nameOf } from "../state/live.ts";
import { goTo, subject, type View } from "../state/route.ts";

export function Picker({ to }: { to: View }) {
  const all = containers.value;
  const found = findContainer(subject.value);
  return (
    <label class="picker">
      <span>Container</span>
      <select value={found ? nameOf(found) : ""} onChange={(event) => goTo(to, event.currentTarget.value)}>
        {!found && <option value="">{subject.value === "" ? "choose…" : `${subject.value} (gone)`}</option>}
        {all.map((entry) => (
          <option key={entry.Id} value={nameOf(entry)}>
            {nameOf(entry)}
            {isUp(entry) ? "" : ` (${entry.State})`}
          </option>
        ))}
      </select>
    </label>
  );
}
