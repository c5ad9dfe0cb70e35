import { command } from "../../command.ts";
import { CliError } from "../../errors.ts";

export default command({
  usage: "[OPTIONS] PATH | URL | -",
  about: "Build an image from a Dockerfile",
  aliases: ["image build", "build"],
  flags: {},
  args: [0, Infinity],
  raw: true,
  run: () =>
    Promise.reject(
      new CliError("building images is not supported yet: build elsewhere, then 'cloche load' the image or pull it"),
    ),
});
