/** Network: messages that host/net has encoded, sent from the right side of the wall (rtnetlink(7)). */
import { planned } from "./op.ts";
import type { PlannedOp } from "./plan.ts";
import type { IsolationSpec } from "./spec.ts";

/** Stage parent: make the veth pair on the host, one end in the container. */
export function hostNetworkOps({ namespaces, network }: IsolationSpec): PlannedOp[] {
  if (namespaces.net !== "new") return [];
  return network.host.flatMap((batch) => planned("parent", "network", { op: "netlink", ...batch, optional: false }));
}

/** Stage container: loopback up, addresses, routes, in the namespace that we are in by now. */
export function containerNetworkOps({ namespaces, network }: IsolationSpec): PlannedOp[] {
  if (namespaces.net !== "new") return [];
  return network.container.flatMap(({ label, messages, optional = false }) =>
    planned("container", "network", { op: "netlink", label, messages, optional }),
  );
}
