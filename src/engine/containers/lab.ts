/** Containers with a part of their isolation left out: only in a lab's engine, and for all to see in inspect. */
import type { IsolationSpec } from "../../isolation/spec.ts";
import { STEPS, stepNamed, without } from "../../isolation/without.ts";
import type { HostConfig } from "../../wire/container.ts";
import { LAB_ANNOTATION, type LabAnswer } from "../../wire/glass.ts";
import { EngineError, invalid } from "../errors.ts";

/** Throws forbidden in an ordinary engine, invalid for what is no step. */
export function checkLab({ Annotations, NetworkMode }: HostConfig, lab: boolean): void {
  const asked = Annotations?.[LAB_ANNOTATION];
  if (asked === undefined) return;
  if (!lab) {
    throw new EngineError(
      "forbidden",
      `the annotation ${LAB_ANNOTATION} leaves out a part of a container's isolation, which only a lab's engine does: start one with cloche engine --lab, on sockets and roots of its own`,
    );
  }
  try {
    for (const name of stepsIn(asked)) stepNamed(name);
  } catch (error) {
    if (error instanceof RangeError) throw invalid(error.message);
    throw error;
  }
  if (stepsIn(asked).includes("net-namespace") && NetworkMode !== "host")
    throw invalid("without net-namespace there is nothing to connect to a network: it takes the network mode host");
}

/** Throws what checkLab throws: the container may have been made by an engine that was a lab's. */
export function leaveOut(spec: IsolationSpec, host: HostConfig, lab: boolean): IsolationSpec {
  checkLab(host, lab);
  const asked = host.Annotations?.[LAB_ANNOTATION];
  return asked === undefined ? spec : without(stepsIn(asked), spec);
}

export const labAnswer = (lab: boolean): LabAnswer => ({
  lab,
  steps: STEPS.map(({ name, leaks, look }) => ({ name, leaks, look })),
});

const stepsIn = (text: string) => text.split(",").filter((name) => name !== "");
