/** Builds by BuildKit's protocol: dockerd 20.10 has the BuildKit of 2020 inside, Cloche does as those of today. */
import type { KnownGroup } from "./known-differences.ts";

const kit = /\bkit(_only)?\b/;
const cached = /^(\w+ \(cached\)|\(nothing\))$/;
const carriedOut = /^((COPY|RUN|WORKDIR)( \(cached\))?| {2}.*|\(nothing\))$/;

export const buildkit: KnownGroup = {
  title: "BuildKit",
  why: "Of what `DOCKER_BUILDKIT=1 docker build` makes. BuildKit's own texts have changed since 20.10, too.",
  differences: [
    {
      what: "the cache after a change of ENV, LABEL, USER and the like",
      dockerd: "goes by files alone: what is done to the same files is cached",
      cloche: "goes by the image before the step, its configuration included: the step is carried out again",
      match: {
        step: /RUN echo a\\n(LABEL|ENV|USER) .*COPY one\.txt/,
        where: /stdout/,
        dockerd: cached,
        cloche: carriedOut,
      },
    },
    {
      what: "COPY --chmod with the bits for set-user-id, set-group-id and sticky",
      dockerd: "leaves them out",
      cloche: "sets them",
      match: { step: /files chmod:1/, dockerd: /^-rwx--x--x/, cloche: /^-rws--x--x/ },
    },
    {
      what: "--target with a stage's number",
      dockerd: "target stage 0 could not be found",
      cloche: "that stage, as by the classic builder",
      match: { step: /--target 0/ },
    },
    {
      what: "places that were made for RUN --mount",
      dockerd: "stay in the image",
      cloche: "are not in it, as with today's BuildKit",
      match: {
        step: /RUN --mount=.*RUN ls .*\|\| true/,
        where: /stdout/,
        dockerd: /^( {2}(\/k:|\/o:|\/t|\/run:|secrets))?$/,
        cloche: /nothing/,
      },
    },
    {
      what: "a secret that is required and not given",
      dockerd: "secret absent not found: not found",
      cloche: "secret absent: not found",
      match: { step: kit, dockerd: /^secret absent not found/, cloche: /^secret absent: not found/ },
    },
    {
      what: "an error of the client's side",
      dockerd: "error from sender: …",
      cloche: "the same without this prefix",
      match: { step: kit, if: ({ dockerd, cloche }) => dockerd === `error from sender: ${cloche}` },
    },
    {
      what: "a mount of RUN of an unknown type",
      dockerd: "told before anything is done, with the line",
      cloche: "told when its step's turn has come, with the types that there are",
      match: { step: /type=nosuch/, dockerd: /unsupported mount type/, cloche: /unsupported mount type/ },
    },
    {
      what: "an exporter that there is not",
      dockerd: 'exporter "x" could not be found',
      cloche: 'exporter "x" is not supported by this engine',
      match: { dockerd: /exporter "nosuch" could not be found/ },
    },
    {
      what: "COPY or ADD of what is not there",
      dockerd: "failed to compute cache key: …",
      cloche: "COPY failed: …, with what may be the reason",
      match: {
        step: kit,
        dockerd: /failed to compute cache key: .*not found/,
        cloche: /(COPY|ADD) failed: .*does not exist/,
      },
    },
    {
      what: "COPY where a file is in the way, or from an image that has no such file",
      dockerd: "with a path of the host",
      cloche: "with the image's path",
      match: {
        step: kit,
        dockerd: /<data-root>\/overlay2\/.*merged\//,
        cloche: /^failed to copy files: .*\/etc\/passwd|^COPY failed: stat nosuch/,
      },
    },
    {
      what: "COPY of several files to a name without a slash at its end",
      dockerd: "makes a directory or a file, as it comes",
      cloche: "refused, as by today's BuildKit and the classic builder",
      match: { step: /COPY (one\.txt two\.txt|\*\.txt) \/x\\n/ },
    },
    {
      what: "COPY --chown and --chmod with what cannot be read",
      dockerd: "left out",
      cloche: "refused",
      match: { step: /--chown=nosuch|--chmod=(nosuch|99)/ },
    },
    {
      what: "an error in a Dockerfile's line",
      dockerd: "often without the line's number",
      cloche: "dockerfile parse error line N: …",
      match: {
        step: kit,
        where: /stderr/,
        if: ({ dockerd, cloche }) =>
          cloche.replace(/^(dockerfile parse error line \d+|failed to parse Dockerfile): /, "") === dockerd,
      },
    },
    {
      what: "an empty Dockerfile",
      dockerd: "the Dockerfile cannot be empty",
      cloche: "with its name",
      match: { step: kit, dockerd: /^the Dockerfile cannot be empty/, cloche: /cannot be empty$/ },
    },
    {
      what: "a Dockerfile that is not there",
      dockerd: "with a path of the host",
      cloche: "with its name",
      match: {
        step: kit,
        dockerd: /^failed to read dockerfile: open <data-root>/,
        cloche: /^failed to read dockerfile: open nosuch|Cannot locate specified Dockerfile/,
      },
    },
  ],
};
