/** The image operations over HTTP: import, list, inspect, history, tag, remove, prune, save, load. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { type TestApi, type TestStore, testApi, testStore } from "../support/images.ts";
import { tarOf } from "../support/tar.ts";

const skip = process.getuid?.() === 0 ? false : "needs root";
const ROOT = tarOf([
  { name: "bin/hello", mode: 0o755, content: "hello" },
  { name: "bin/hi", type: "symlink", link: "hello" },
]);
const CHANGES = ["CMD hello", "ENV A=b", 'ENTRYPOINT ["/bin/hello"]', "LABEL tier=web", "EXPOSE 80", "WORKDIR /srv"];
const encoded = encodeURIComponent;

async function importRoot(api: TestApi, name: string, body = ROOT, changes = CHANGES): Promise<string> {
  const query = changes.map((change) => `&changes=${encoded(change)}`).join("");
  const answer = await api.call("POST", `/images/create?fromSrc=-&repo=${encoded(name)}${query}`, {
    body,
    headers: { "Content-Type": "application/x-tar" },
  });
  assert.equal(answer.status, 200, answer.body.toString());
  return String(answer.lines().at(-1)?.status);
}

async function withApi(work: (api: TestApi, store: TestStore) => Promise<void>): Promise<void> {
  await using store = await testStore();
  await using api = await testApi(store);
  await work(api, store);
}

describe("images over HTTP", { skip }, () => {
  test("import, list, inspect and history show what docker shows", () =>
    withApi(async (api) => {
      const id = await importRoot(api, "team/app:1", gzipSync(ROOT));
      const [summary] = (await api.call("GET", "/images/json")).json();
      assert.deepEqual(
        { ...summary, Created: 0 },
        {
          Containers: -1,
          Created: 0,
          Id: id,
          Labels: { tier: "web" },
          ParentId: "",
          RepoDigests: [],
          RepoTags: ["team/app:1"],
          SharedSize: -1,
          Size: 10,
        },
      );
      for (const ref of ["team/app:1", id, id.slice(7, 19), "docker.io/team/app:1"]) {
        assert.equal((await api.call("GET", `/images/${ref}/json`)).json().Id, id, ref);
      }
      const shown = (await api.call("GET", "/images/team/app:1/json")).json();
      assert.deepEqual(shown.Config, {
        Cmd: ["/bin/sh", "-c", "hello"],
        Env: ["A=b"],
        Entrypoint: ["/bin/hello"],
        Labels: { tier: "web" },
        ExposedPorts: { "80/tcp": {} },
        WorkingDir: "/srv",
      });
      assert.equal(shown.Comment, "Imported from -");
      assert.equal(shown.Os, "linux");
      const [step, ...more] = (await api.call("GET", "/images/team/app:1/history")).json();
      assert.deepEqual(
        { ...step, Created: 0 },
        { Comment: "Imported from -", Created: 0, CreatedBy: "", Id: id, Size: 10, Tags: ["team/app:1"] },
      );
      assert.deepEqual(more, []);
    }));

  test("errors have docker's status and text", () =>
    withApi(async (api) => {
      await importRoot(api, "app:1");
      const cases: [string, string, number, RegExp][] = [
        ["GET", "/images/nope/json", 404, /^No such image: nope:latest$/],
        ["GET", "/images/nope:x/history", 404, /^No such image: nope:x$/],
        ["GET", "/images/UPPER/json", 400, /repository name must be lowercase/],
        ["GET", "/images/get?names=nope", 404, /^No such image: nope/],
        ["POST", "/images/app:1/tag?repo=TWO&tag=x", 400, /must be lowercase/],
        ["POST", "/images/app:1/tag?repo=two&tag=-x", 400, /^invalid tag format$/],
        ["POST", `/images/app:1/tag?repo=two@sha256:${"0".repeat(64)}`, 400, /refusing to create a tag with a digest/],
        ["POST", `/images/app:1/tag?repo=${"f".repeat(64)}`, 400, /cannot specify 64-byte hexadecimal strings/],
        ["DELETE", "/images/nope", 404, /^No such image: nope:latest$/],
        ["GET", "/images/search?term=x", 501, /not implemented/],
        ["GET", "/images/json?filters=%7B%22x%22:%5B%22y%22%5D%7D", 400, /invalid filter 'x'/i],
        ["POST", "/images/create?fromSrc=-&repo=bad&changes=FOO%20x", 400, /^foo is not a valid change command$/],
        ["POST", "/images/create?fromImage=a&tag=b&platform=foo", 400, /unknown operating system or architecture/],
      ];
      for (const [method, path, status, message] of cases) {
        const answer = await api.call(method, path);
        assert.equal(answer.status, status, path);
        assert.match(String(answer.json().message), message, path);
      }
    }));

  test("a corrupt archive is refused and leaves nothing", () =>
    withApi(async (api, store) => {
      const answer = await api.call("POST", "/images/create?fromSrc=-&repo=bad", { body: Buffer.alloc(3000, "junk") });
      assert.equal(answer.status, 400);
      assert.match(String(answer.json().message), /invalid tar header/);
      assert.deepEqual((await api.call("GET", "/images/json")).json(), []);
      await store.storage.emptied();
      assert.deepEqual(readdirSync(join(store.dataRoot, "layers")), ["empty"]);
    }));

  test("a name moves to a newer image; the old one dangles and can be pruned", () =>
    withApi(async (api) => {
      const old = await importRoot(api, "app");
      const id = await importRoot(api, "app", tarOf([{ name: "other" }]));
      const dangling = encoded('{"dangling":["true"]}');
      const list = (await api.call("GET", `/images/json?filters=${dangling}`)).json();
      assert.deepEqual(
        list.map((image) => image.Id),
        [old],
      );
      const pruned = (await api.call("POST", "/images/prune")).json();
      assert.equal((pruned.ImagesDeleted as object[]).length, 2);
      assert.equal(pruned.SpaceReclaimed, 10);
      assert.deepEqual(
        (await api.call("GET", "/images/json")).json().map((image) => image.Id),
        [id],
      );
    }));

  test("filters choose by name, label and neighbours", () =>
    withApi(async (api) => {
      await importRoot(api, "team/app:1");
      await importRoot(api, "127.0.0.1:5000/db:2", tarOf([{ name: "db" }]), []);
      const tags = async (filters: object) => {
        const answer = await api.call("GET", `/images/json?filters=${encoded(JSON.stringify(filters))}`);
        return answer.json().flatMap((image) => image.RepoTags);
      };
      assert.deepEqual(await tags({ reference: ["team/*"] }), ["team/app:1"]);
      assert.deepEqual(await tags({ reference: ["*/db"] }), ["127.0.0.1:5000/db:2"]);
      assert.deepEqual(await tags({ reference: ["app"] }), []);
      assert.deepEqual(await tags({ label: ["tier=web"] }), ["team/app:1"]);
      assert.deepEqual(await tags({ before: ["127.0.0.1:5000/db:2"] }), ["team/app:1"]);
      assert.deepEqual(await tags({ since: ["team/app:1"] }), ["127.0.0.1:5000/db:2"]);
      assert.deepEqual(await tags({ until: ["1h"] }), []);
    }));

  test("rmi: names go one by one, users and several names hold an image", () =>
    withApi(async (api, store) => {
      const id = await importRoot(api, "one:1");
      const short = id.slice(7, 19);
      const remove = (ref: string, query = "") => api.call("DELETE", `/images/${ref}${query}`);
      assert.equal((await api.call("POST", "/images/one:1/tag?repo=two&tag=x")).status, 201);
      const several = await remove(short);
      assert.equal(several.status, 409);
      assert.equal(
        several.json().message,
        `conflict: unable to delete ${short} (must be forced) - image is referenced in multiple repositories`,
      );
      assert.deepEqual((await remove("two:x")).json(), [{ Untagged: "two:x" }]);
      store.users.set(id, [{ id: "c".repeat(64), name: "web", running: false }]);
      assert.equal(
        (await remove("one:1")).json().message,
        `conflict: unable to remove repository reference "one:1" (must force) - container cccccccccccc is using its referenced image ${short}`,
      );
      assert.equal(
        (await remove(short)).json().message,
        `conflict: unable to delete ${short} (must be forced) - image is being used by stopped container cccccccccccc`,
      );
      store.users.set(id, [{ id: "c".repeat(64), name: "web", running: true }]);
      assert.equal(
        (await remove(short, "?force=1")).json().message,
        `conflict: unable to delete ${short} (cannot be forced) - image is being used by running container cccccccccccc`,
      );
      store.users.clear();
      assert.deepEqual((await remove("one:1")).json(), [
        { Untagged: "one:1" },
        { Deleted: id },
        { Deleted: `sha256:${createHash("sha256").update(ROOT).digest("hex")}` },
      ]);
    }));

  test("layers of a forcibly removed image stay while a container has them", () =>
    withApi(async (api, store) => {
      const id = await importRoot(api, "app:1");
      const container = "a".repeat(64);
      const layers = store.storage.records.get(id)?.config.rootfs.diff_ids ?? [];
      await store.storage.layers.createContainerLayer(container, layers);
      store.users.set(id, [{ id: container, name: "x", running: false }]);
      assert.deepEqual((await api.call("DELETE", "/images/app:1?force=1")).json(), [
        { Untagged: "app:1" },
        { Deleted: id },
      ]);
      assert.equal(String(await store.storage.layers.readMerged(container, "bin/hello")), "hello");
      await store.storage.layers.removeContainerLayer(container);
      await store.storage.emptied();
      assert.deepEqual(readdirSync(join(store.dataRoot, "layers")), ["empty"]);
    }));

  test("save and load give the same image back, names included", () =>
    withApi(async (api) => {
      const id = await importRoot(api, "team/app:1");
      await api.call("POST", "/images/team/app:1/tag?repo=team/app&tag=2");
      const archive = (await api.call("GET", "/images/team/app/get")).body;
      const names = execFileSync("tar", ["-t"], { input: archive }).toString().trim().split("\n");
      for (const name of ["index.json", "manifest.json", "oci-layout", "repositories", `blobs/sha256/${id.slice(7)}`]) {
        assert.ok(names.includes(name), name);
      }
      const manifest = JSON.parse(execFileSync("tar", ["-xO", "manifest.json"], { input: archive }).toString());
      assert.deepEqual(manifest[0].RepoTags, ["team/app:1", "team/app:2"]);
      await api.call("DELETE", `/images/${id}?force=1`);
      const loaded = await api.call("POST", "/images/load", {
        body: archive,
        headers: { "Content-Type": "application/x-tar" },
      });
      assert.deepEqual(loaded.lines().slice(-2), [
        { stream: "Loaded image: team/app:1\n" },
        { stream: "Loaded image: team/app:2\n" },
      ]);
      assert.equal((await api.call("GET", "/images/team/app:2/json")).json().Id, id);
      const saved = execFileSync("tar", ["--delete", "manifest.json"], { input: archive, maxBuffer: 1e9 });
      await api.call("DELETE", `/images/${id}?force=1`);
      const asOci = await api.call("POST", "/images/load?quiet=1", { body: saved });
      assert.deepEqual(asOci.lines(), [
        { stream: "Loaded image: team/app:1\n" },
        { stream: "Loaded image: team/app:2\n" },
      ]);
    }));

  test("archives that are no images are refused", () =>
    withApi(async (api, store) => {
      const config = Buffer.from(
        JSON.stringify({
          architecture: "amd64",
          os: "linux",
          rootfs: { type: "layers", diff_ids: [`sha256:${"0".repeat(64)}`] },
        }),
      );
      const manifest = JSON.stringify([{ Config: "c.json", RepoTags: ["evil:1"], Layers: ["l.tar"] }]);
      const archives: Record<string, Buffer> = {
        "nothing in it": tarOf([{ name: "a" }]),
        "a name that climbs out": tarOf([{ name: "../manifest.json", content: "[]" }]),
        "a manifest that is no list": tarOf([{ name: "manifest.json", content: "{}" }]),
        "a layer with another digest": tarOf([
          { name: "manifest.json", content: manifest },
          { name: "c.json", content: config },
          { name: "l.tar", content: ROOT },
        ]),
        "a layer that links out": tarOf([
          { name: "manifest.json", content: manifest },
          { name: "c.json", content: config },
          { name: "l.tar", type: "symlink", link: "/etc/passwd" },
        ]),
      };
      for (const [what, body] of Object.entries(archives)) {
        const answer = await api.call("POST", "/images/load?quiet=1", { body });
        assert.ok(answer.status >= 400 || answer.lines().some((line) => "errorDetail" in line), what);
      }
      assert.deepEqual((await api.call("GET", "/images/json")).json(), []);
      await store.storage.emptied();
      assert.deepEqual(readdirSync(join(store.dataRoot, "tmp")), []);
    }));

  test("images, names and layers are there after a restart", async () => {
    await using store = await testStore();
    const image = await store.images.import(one(ROOT), {
      repo: "app",
      tag: "1",
      message: "",
      changes: [],
      platform: "",
    });
    await store.reopen();
    assert.deepEqual(store.images.find("app:1").repoTags, ["app:1"]);
    assert.equal(store.images.find(image.id).size, 10);
    assert.deepEqual(
      store.events.map(({ Action }) => Action),
      ["tag", "import"],
    );
  });

  test("an image of another platform is kept as such, and not found for ours", async () => {
    await using store = await testStore();
    await store.images.import(one(ROOT), { repo: "app", tag: "", message: "", changes: [], platform: "linux/s390x" });
    assert.equal(store.images.find("app").config.architecture, "s390x");
    assert.throws(() => store.images.find("app", "linux/arm64"), {
      message:
        "image with reference app was found but its platform (linux/s390x) does not match the specified platform (linux/arm64)",
    });
  });

  test("an image built on another takes its layers and history, and holds it", async () => {
    await using store = await testStore();
    const base = await store.images.import(one(ROOT), {
      repo: "base",
      tag: "1",
      message: "",
      changes: [],
      platform: "",
    });
    const parent = store.images.findStored("base:1");
    const child = await store.images.addImage({
      parent,
      layer: one(tarOf([{ name: "added", content: "12345" }])),
      config: { Cmd: ["/added"] },
      history: { created_by: "sh -c make added" },
      names: [],
    });
    assert.equal(store.images.find(child.id).size, 15);
    assert.deepEqual(
      store.images.history(child.id).map(({ Id, Size }) => [Id, Size]),
      [
        [child.id, 5],
        [base.id, 10],
      ],
    );
    await assert.rejects(store.images.remove(base.id, { force: true, prune: true }), /dependent child images/);
    await store.images.remove("base:1", { force: false, prune: true });
    const removed = await store.images.remove(child.id, { force: false, prune: true });
    assert.deepEqual(removed.filter((one) => "Deleted" in one).length, 4);
  });
});

async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
