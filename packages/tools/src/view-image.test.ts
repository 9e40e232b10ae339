import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readyCall, toolFixture } from "../test/tool-fixture.ts";
import { loadImage } from "./image/image-file.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

test("shows an image and says beforehand what it reads", async () => {
  await using fixture = await toolFixture();
  const path = join(fixture.folder, "picture.dat");
  await writeFile(path, PNG);
  const ready = readyCall(await fixture.prepare("view_image", { path: "picture.dat" }, { callId: "c" }));
  const item = { type: "imageView", id: "c", path, status: "inProgress", error: null };
  expect({ effects: ready.effects, item: ready.item }).toEqual({
    effects: [{ kind: "read", paths: [path] }],
    item,
  });
  expect(await ready.run({ sandbox: "session" })).toEqual({
    item: { ...item, status: "completed" },
    output: [{ type: "input_image", image_url: `data:image/png;base64,${PNG.toString("base64")}` }],
    success: true,
  });
});

test("does not read what commands may not read, not even through a link", async () => {
  await using fixture = await toolFixture({ unreadable: (path) => path.endsWith("secret.png") });
  await writeFile(join(fixture.folder, "secret.png"), PNG);
  await symlink("secret.png", join(fixture.folder, "harmless.png"));
  const result = await fixture.call("view_image", { path: "harmless.png" });
  expect(result).toMatchObject({
    success: false,
    item: { status: "failed", error: { code: "command_denied" } },
    output: `${join(fixture.folder, "harmless.png")} may not be read under the sandbox's rules.`,
  });
});

test("a model that takes no images is told so, with its name and the file's", async () => {
  await using fixture = await toolFixture({ whyNoImages: 'the model "m" takes no images (its publisher)' });
  await writeFile(join(fixture.folder, "a.png"), PNG);
  const path = join(fixture.folder, "a.png");
  expect(await fixture.call("view_image", { path })).toMatchObject({
    success: false,
    output: `${path} was not shown: the model "m" takes no images (its publisher).`,
    item: { status: "failed", error: { code: "image_invalid" } },
  });
});

test("recognises images by their first bytes", async () => {
  await using fixture = await toolFixture();
  const starts = {
    "image/jpeg": Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
    "image/gif": Buffer.from("GIF89a\x01\0\x01\0 and more", "latin1"),
    "image/webp": Buffer.from("RIFF\x10\0\0\0WEBPVP8 ", "latin1"),
  };
  for (const [mediaType, bytes] of Object.entries(starts)) {
    const path = join(fixture.folder, "image");
    await writeFile(path, bytes);
    expect(await loadImage(path)).toEqual({
      kind: "image",
      path,
      mediaType,
      bytes: bytes.length,
      dataUrl: `data:${mediaType};base64,${bytes.toString("base64")}`,
    });
  }
});

test("refuses everything else with its reason", async () => {
  await using fixture = await toolFixture();
  const at = (name: string) => join(fixture.folder, name);
  await mkdir(at("folder"));
  await writeFile(at("text.png"), "not an image at all");
  await writeFile(at("empty.png"), "");
  await writeFile(at("large.png"), Buffer.concat([PNG, Buffer.alloc(2000)]));
  execFileSync("mkfifo", [at("fifo.png")]);
  await symlink("loop.png", at("loop.png"));
  const reasons: Record<string, string> = {};
  for (const name of ["none.png", "folder", "text.png", "empty.png", "large.png", "fifo.png", "loop.png"]) {
    const image = await loadImage(at(name), { maxFileBytes: 1000 });
    if (image.kind === "refused") reasons[name] = image.reason;
  }
  expect(reasons).toEqual({
    "none.png": "missing",
    folder: "directory",
    "text.png": "not_an_image",
    "empty.png": "not_an_image",
    "large.png": "too_large",
    "fifo.png": "not_a_file",
    "loop.png": "unreadable",
  });
});
