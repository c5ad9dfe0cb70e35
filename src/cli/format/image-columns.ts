import { ago } from "../text/duration.ts";
import { shortId } from "../text/quote.ts";
import { humanSize } from "../text/size.ts";
import { goTime } from "../text/timestamp.ts";
import type { Columns } from "./list.ts";

/** What GET /images/json says of one image, as far as it is shown. */
export type ImageSummary = {
  Id: string;
  RepoTags?: string[] | null;
  RepoDigests?: string[] | null;
  Created?: number;
  Size?: number;
  SharedSize?: number;
  Containers?: number;
};
export type ImageRow = { image: ImageSummary; repository: string; tag: string; digest: string };

const NONE = "<none>";

/** A row for each name that an image has. @param digests with each digest too @param quiet one row an image */
export function imageRows(images: ImageSummary[], digests: boolean, quiet = false): ImageRow[] {
  return images.flatMap((image) => {
    const tags = (image.RepoTags ?? []).filter((tag) => tag !== "<none>:<none>");
    const references = (image.RepoDigests ?? []).filter((digest) => digest !== "<none>@<none>");
    if (tags.length === 0) {
      const repository = references[0]?.split("@")[0] ?? NONE;
      return [{ image, repository, tag: NONE, digest: references[0]?.split("@")[1] ?? NONE }];
    }
    const rows = tags.flatMap((reference) => {
      const at = reference.lastIndexOf(":");
      const repository = reference.slice(0, at);
      const own = references
        .filter((digest) => digest.startsWith(`${repository}@`))
        .map((digest) => digest.split("@")[1] ?? NONE);
      const shown = digests && own.length ? own : [own[0] ?? NONE];
      return shown.map((digest) => ({
        image,
        repository,
        tag: reference.slice(at + 1),
        digest: digests ? digest : NONE,
      }));
    });
    return quiet ? rows.slice(0, 1) : rows;
  });
}

export const imageColumns = (trunc: boolean): Columns<ImageRow> => ({
  ID: { heading: "IMAGE ID", show: ({ image }) => (trunc ? shortId(image.Id) : image.Id) },
  Repository: { heading: "REPOSITORY", show: (row) => row.repository },
  Tag: { heading: "TAG", show: (row) => row.tag },
  Digest: { heading: "DIGEST", show: (row) => row.digest },
  CreatedSince: {
    heading: "CREATED",
    show: ({ image }) => ((image.Created ?? 0) <= 0 ? "N/A" : ago(image.Created ?? 0)),
  },
  CreatedAt: { heading: "CREATED AT", show: ({ image }) => goTime(image.Created ?? 0) },
  Size: { heading: "SIZE", show: ({ image }) => humanSize(image.Size ?? 0, 3) },
  Containers: {
    heading: "CONTAINERS",
    show: ({ image }) => ((image.Containers ?? -1) < 0 ? "N/A" : String(image.Containers)),
  },
  VirtualSize: { heading: "SIZE", show: ({ image }) => humanSize(image.Size ?? 0) },
  SharedSize: {
    heading: "SHARED SIZE",
    show: ({ image }) => ((image.SharedSize ?? -1) < 0 ? "N/A" : humanSize(image.SharedSize ?? 0)),
  },
  UniqueSize: {
    heading: "UNIQUE SIZE",
    show: ({ image }) =>
      (image.SharedSize ?? -1) < 0 ? "N/A" : humanSize((image.Size ?? 0) - (image.SharedSize ?? 0)),
  },
});
