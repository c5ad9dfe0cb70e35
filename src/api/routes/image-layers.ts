/** `GET /cloche/v1/images/{name}/layers`: docs/glass-api.md. A slash in the name is sent as %2F. */
import type { FastifyInstance } from "fastify";
import type { ImageLayersAnswer } from "../../wire/glass-images.ts";

export type ImageLayersDeps = { imageLayers: (ref: string) => Promise<ImageLayersAnswer> };

export function imageLayerRoutes(app: FastifyInstance, { imageLayers }: ImageLayersDeps): void {
  app.get<{ Params: { name: string } }>("/cloche/v1/images/:name/layers", (request) =>
    imageLayers(request.params.name),
  );
}
