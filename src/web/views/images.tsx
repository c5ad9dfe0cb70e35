/** Images: layers on layers, and the files in each. */
import { useEffect, useState } from "preact/hooks";
import type { ImageLayersAnswer } from "../../wire/glass-images.ts";
import { get, textOf } from "../api.ts";
import { Why } from "../parts/why.tsx";
import { events } from "../state/live.ts";
import { goTo, subject } from "../state/route.ts";
import { bytes, plural, short, span } from "../text.ts";

type Image = { Id: string; RepoTags: string[] | null; Created: number; Size: number; Containers: number };

export function Images() {
  const [images, setImages] = useState<Image[] | string | undefined>();
  const changed = events.value.find(({ Type }) => Type === "image")?.timeNano;
  useEffect(() => {
    get<Image[]>("/images/json").then(setImages, (error) => setImages(textOf(error)));
  }, [changed]);
  return (
    <>
      <div class="head">
        <h1>Images</h1>
      </div>
      {images === undefined ? (
        <p class="hint">Asking the engine…</p>
      ) : typeof images === "string" ? (
        <Why title="The images cannot be seen">{images}</Why>
      ) : images.length === 0 ? (
        <Why title="No images" command="cloche load -i image.tar">
          A container needs an image to start from. Load one from an archive, or pull one from a registry:
        </Why>
      ) : (
        <List images={images} />
      )}
    </>
  );
}

function List({ images }: { images: Image[] }) {
  const wanted = subject.value;
  const chosen =
    images.find((image) => image.RepoTags?.some((tag) => tag === wanted || tag === `${wanted}:latest`)) ??
    images.find(({ Id }) => wanted !== "" && short(Id).startsWith(short(wanted))) ??
    images[0];
  const most = Math.max(...images.map(({ Size }) => Size), 1);
  return (
    <div class="images">
      <ul class="tree panel">
        {images.map((image) => (
          <li key={image.Id}>
            <button
              type="button"
              class="image-row"
              aria-pressed={image === chosen}
              onClick={() => goTo("images", image.RepoTags?.[0] ?? short(image.Id))}
            >
              <b>{image.RepoTags?.[0] ?? "no name"}</b>
              <small>
                {short(image.Id)} · {span(Date.now() / 1000 - image.Created)} old
              </small>
              <span class="bar" aria-hidden="true">
                <i style={{ width: `${(image.Size / most) * 100}%` }} />
              </span>
              <span>{bytes(image.Size)}</span>
            </button>
          </li>
        ))}
      </ul>
      {chosen && <Layers key={chosen.Id} image={chosen} />}
    </div>
  );
}

function Layers({ image }: { image: Image }) {
  const [answer, setAnswer] = useState<ImageLayersAnswer | string | undefined>();
  useEffect(() => {
    get<ImageLayersAnswer>(`/cloche/v1/images/${encodeURIComponent(image.Id)}/layers`).then(setAnswer, (error) =>
      setAnswer(textOf(error)),
    );
  }, [image.Id]);
  if (answer === undefined) return <p class="hint">Reading its layers…</p>;
  if (typeof answer === "string") return <Why title="Its layers cannot be seen">{answer}</Why>;
  const total = Math.max(
    1,
    answer.layers.reduce((sum, { size }) => sum + size, 0),
  );
  return (
    <section class="panel layers" aria-label="Layers">
      <h2>{answer.name}</h2>
      <p class="hint">
        {plural(answer.layers.length, "layer")}, {bytes(total)}. Each container gets them all, read only, and one layer
        to write on above.
      </p>
      {answer.layers.length === 0 && <p>It has no layers: an image from scratch, with nothing in it.</p>}
      <ol reversed>
        {[...answer.layers].reverse().map((layer, at) => (
          <li key={layer.diffId}>
            <details open={at === 0}>
              <summary>
                <span class="layer-name">{layer.createdBy || "a layer without a history"}</span>
                <span class="bar" aria-hidden="true">
                  <i style={{ width: `${(layer.size / total) * 100}%` }} />
                </span>
                <b>{bytes(layer.size)}</b>
              </summary>
              <p class="hint">
                {short(layer.diffId)} · {plural(layer.files, "file")},{" "}
                {plural(layer.directories, "directory", "directories")}
                {layer.removed > 0 && `, takes ${layer.removed} away from the layers below`}
                {layer.more > 0 && ` · the ${layer.largest.length} largest:`}
              </p>
              <div class="scroll" tabIndex={0} role="region" aria-label={`Files of layer ${short(layer.diffId)}`}>
                <table>
                  <tbody>
                    {layer.largest.map(({ path, size, mode }) => (
                      <tr key={path}>
                        <td>{bytes(size)}</td>
                        <td>
                          <code>{mode}</code>
                        </td>
                        <td>
                          <code>{path}</code>
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </details>
          </li>
        ))}
      </ol>
    </section>
  );
}
