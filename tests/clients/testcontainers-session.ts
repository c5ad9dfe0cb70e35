/** A program under test that dies without cleaning up: starts a container and a network by testcontainers, says so, waits. */
import { GenericContainer, Network } from "testcontainers";

const network = await new Network().start();
const container = await new GenericContainer("busybox:latest")
  .withCommand(["sleep", "600"])
  .withNetwork(network)
  .start();
console.log(JSON.stringify({ container: container.getId(), network: network.getId() }));
setInterval(() => {}, 60_000);
