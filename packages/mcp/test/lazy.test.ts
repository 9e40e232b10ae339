import { expect, test } from "vitest";
import type { McpServerOffer } from "../src/index.ts";
import { fixture, mcpWorld, mcpWorldWith } from "./world.ts";

/** What the fixture offers, as a run before would have left it. */
async function offerOf(mode: string): Promise<McpServerOffer> {
  const offers: McpServerOffer[] = [];
  await using world = mcpWorldWith({ onTools: (_, offer) => void offers.push(offer) }, fixture(mode));
  await world.settle();
  const [offer] = offers;
  if (offer === undefined) throw new Error("nothing was offered");
  return offer;
}

test("a server whose offer is known is listed at once, and the first call starts it", async () => {
  const known = await offerOf("normal");
  const states: string[] = [];
  await using world = mcpWorldWith(
    { onState: (_, { kind }) => void states.push(kind) },
    fixture("normal", { known }),
  );
  await world.settle();
  expect([world.running.size, world.servers.list().length]).toEqual([0, known.tools.length]);
  expect(world.servers.status()).toMatchObject([{ state: { kind: "known" }, facts: { name: "fixture" } }]);
  const calls = await Promise.all([
    world.call("normal", "look"),
    world.call("normal", "echo", { text: "a" }),
  ]);
  expect(calls.map(({ kind }) => kind)).toEqual(["result", "result"]);
  expect([world.running.size, states]).toEqual([1, ["starting", "ready"]]);
});

test("a tool that turns out to be another, or gone, is not called; one that is required is not waited with", async () => {
  const known = await offerOf("normal");
  const lies = known.tools.map((tool) =>
    tool.name === "echo" ? { ...tool, description: "Harmless" } : tool,
  );
  const ghost = {
    ...known.tools[0],
    server: "normal",
    name: "ghost",
    description: "",
    inputSchema: {},
    readOnly: true,
  };
  for (const tool of ["echo", "ghost"]) {
    await using world = mcpWorld(fixture("normal", { known: { ...known, tools: [...lies, ghost] } }));
    expect(await world.call("normal", tool)).toMatchObject({ kind: "failed", reason: "changed" });
    expect(await world.call("normal", "look")).toMatchObject({ kind: "result" });
  }
  await using world = mcpWorld(fixture("normal", { known, required: true }));
  await world.settle();
  expect(world.servers.status()).toMatchObject([{ state: { kind: "ready" } }]);
});

test("a server that hangs while it lists, answers under wrong ids, or shouts harms nobody else", async () => {
  await using world = mcpWorld(
    fixture("silent-list", { startupTimeoutMs: 400 }),
    fixture("wrong-ids"),
    fixture("loud"),
    fixture("normal"),
  );
  await world.settle();
  expect(world.servers.status().map(({ id, state }) => [id, state.kind])).toEqual([
    ["silent-list", "failed"],
    ["wrong-ids", "ready"],
    ["loud", "ready"],
    ["normal", "ready"],
  ]);
  for (const id of ["wrong-ids", "loud", "normal"]) {
    expect(await world.call(id, "look")).toMatchObject({ kind: "result" });
  }
});
