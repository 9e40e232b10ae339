import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, grayPng, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { completedItems, execWorld } from "./support/exec-world.ts";

/** Width of the PNG image in a request. */
function sentWidth(raw: Buffer | undefined): number {
  const data = /data:image\/png;base64,([A-Za-z0-9+/=]+)/.exec(raw?.toString("utf8") ?? "")?.[1] ?? "";
  return Buffer.from(data, "base64").readUInt32BE(16);
}

test("a large image is scaled down on its way to the model, given with -i or looked at", async () => {
  await using world = await execWorld({
    steps: [callsTool("view_image", { path: "wide.png" }), says("Black.")],
  });
  const image = join(world.repository.path, "wide.png");
  await writeFile(image, grayPng(4096, 40));
  const run = await world.exec(["what is this?", "-i", image]);
  expect(run).toMatchObject({ exitCode: 0, stdout: "Black.\n" });
  const [given, looked] = world.server.requests;
  expect(sentWidth(given?.raw)).toBe(2048);
  expect(looked?.toolOutputs.at(-1)).toMatch(/^Scaled down from 4096 x 40 pixels\.data:image\/png/);
});

test("an endpoint that takes no images: an error with a code, the model and the file, whichever way", async () => {
  const provider = "[model_providers.scripted.capabilities]\nimages = false\n";
  await using world = await execWorld({
    wireApi: "chat",
    provider,
    steps: [callsTool("view_image", { path: "a.png" }), says("I cannot see it.")],
  });
  const image = join(world.repository.path, "a.png");
  await writeFile(image, grayPng(10, 10));
  const refused = `the model "local-model" takes no images (capabilities of "scripted")`;
  const given = await world.exec(["what is this?", "-i", image]);
  expect(given.exitCode).not.toBe(0);
  expect(given.stderr).toContain(`${refused}, so ${image} was not sent`);
  expect(given.stderr).toContain("[image_invalid]");
  expect(world.server.requests).toHaveLength(0);
  const { events } = await world.execJson(["look at a.png"]);
  const error = { code: "image_invalid", message: `${image} was not shown: ${refused}.` };
  expect(completedItems(events)).toContainEqual(
    expect.objectContaining({ type: "image_view", error: expect.objectContaining(error) }),
  );
  expect(world.server.requests[1]?.toolOutputs).toEqual([error.message]);
});
