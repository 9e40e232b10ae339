import { expect, test } from "vitest";
import { fixture, mcpWorld } from "./world.ts";

const options = { signal: new AbortController().signal };

test("resources, templates and prompts of a server are listed and read, page by page, and what is malformed is left out", async () => {
  await using world = mcpWorld(fixture("keeper"));
  await world.settle();
  const { servers } = world;
  const one = { uri: "memo://one", name: "one", description: "The first memo", mimeType: "text/plain" };
  const picture = { uri: "memo://picture", name: "picture", mimeType: "image/png" };
  expect(await servers.page("keeper", "resources", null, options)).toEqual({
    kind: "answer",
    value: { entries: [one], nextCursor: "2" },
  });
  expect(await servers.page("keeper", "resources", "2", options)).toEqual({
    kind: "answer",
    value: { entries: [picture], nextCursor: null },
  });
  expect(await servers.inventory("keeper", "resources", options)).toEqual({
    kind: "answer",
    value: [one, picture],
  });
  expect(await servers.inventory("keeper", "templates", options)).toEqual({
    kind: "answer",
    value: [{ uriTemplate: "memo://{name}", name: "memo" }],
  });
  expect(await servers.inventory("keeper", "prompts", options)).toEqual({
    kind: "answer",
    value: [{ name: "greet", description: "Greets", arguments: [{ name: "who", required: true }] }],
  });
  expect(await servers.read("keeper", "memo://picture", options)).toEqual({
    kind: "answer",
    value: [{ uri: "memo://picture", mimeType: "image/png", blob: "aGVsbG8=" }],
  });
  expect(await servers.read("keeper", "memo://none", options)).toEqual({
    kind: "failed",
    reason: "rejected",
    message: expect.stringContaining("no such memo"),
  });
});

test("a server that keeps nothing is not asked, and one that does not exist is a failure", async () => {
  await using world = mcpWorld(fixture("normal"));
  await world.settle();
  expect(world.servers.status()).toEqual([
    {
      id: "normal",
      required: false,
      state: { kind: "ready", malformedTools: 0 },
      toolCount: 19,
      facts: { name: "fixture", version: "1", capabilities: { tools: { listChanged: true } } },
    },
  ]);
  expect(await world.servers.inventory("normal", "prompts", options)).toEqual({ kind: "answer", value: [] });
  expect(await world.servers.read("other", "memo://one", options)).toMatchObject({ reason: "not_ready" });
});

test("what a server logged last is in the message of its failure", async () => {
  await using world = mcpWorld(fixture("normal"));
  await world.settle();
  expect(await world.call("normal", "log")).toMatchObject({
    reason: "server_ended",
    message: expect.stringContaining("warning: the disk is nearly full"),
  });
});
