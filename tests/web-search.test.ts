import { callsTool, replies, says, sendsItem } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";

const action = { type: "search", query: "quire" };
const SEARCH = sendsItem({ type: "web_search_call", id: "ws_1", status: "completed", action });

function searchToolOf(body: unknown): unknown {
  const tools = typeof body === "object" && body !== null && "tools" in body ? body.tools : [];
  return Array.isArray(tools) ? (tools.find(({ type }) => type === "web_search") ?? null) : null;
}

test.for<[words: string[], config: string, tool: object | null]>([
  [[], "", null],
  [["--search"], "", { type: "web_search", external_web_access: true }],
  [[], 'web_search = "cached"\n', { type: "web_search", external_web_access: false }],
  [["-c", 'web_search="live"'], 'web_search = "cached"\n', { type: "web_search", external_web_access: true }],
  [["-c", 'web_search="disabled"'], 'web_search = "live"\n', null],
  [["--enable", "web_search_request"], "", { type: "web_search", external_web_access: true }],
  [
    [],
    '[tools.web_search]\nallowed_domains = ["example.com"]\ncontext_size = "low"\n',
    {
      type: "web_search",
      external_web_access: true,
      filters: { allowed_domains: ["example.com"] },
      search_context_size: "low",
    },
  ],
])("%j with %j offers %j", async ([words, config, tool]) => {
  await using world = await execWorld({ steps: [says("ok")], config });
  const { run } = await world.execJson([...words, "go"]);
  expect(run).toMatchObject({ exitCode: 0 });
  expect(run.stderr).not.toContain("[feature_unknown]");
  expect(searchToolOf(world.server.requests[0]?.body)).toEqual(tool);
});

test("what the endpoint searched is shown as begun and done, and goes back to it without its id", async () => {
  await using world = await execWorld({
    steps: [replies(SEARCH, callsTool("exec_command", { cmd: "true" })), says("ok")],
  });
  const { events } = await world.execJson(["--search", "go"]);
  const item = { id: "item_0", type: "web_search", query: "quire", action };
  expect(events.filter((event) => "item" in event && event.item.type === "web_search")).toEqual([
    { type: "item.started", item },
    { type: "item.completed", item },
  ]);
  const [, second] = world.server.requests;
  expect(second?.body).toMatchObject({
    input: expect.arrayContaining([{ type: "web_search_call", status: "completed", action }]),
  });
});

test("people see the words that were searched", async () => {
  await using world = await execWorld({ steps: [replies(SEARCH, says("ok"))] });
  const { stderr } = await world.exec(["--search", "go"]);
  expect(stderr).toContain("⌕ quire");
});

test("a provider without a search of its own is not asked for one, and that is said", async () => {
  await using world = await execWorld({
    steps: [says("ok")],
    provider: "supports_standalone_web_search = false\n",
  });
  const { events } = await world.execJson(["--search", "go"]);
  expect(searchToolOf(world.server.requests[0]?.body)).toBe(null);
  expect(events).toContainEqual({
    type: "item.completed",
    item: expect.objectContaining({ type: "error", code: "web_search_unavailable" }),
  });
});

test("a review has no search, whatever is configured", async () => {
  await using world = await execWorld({
    script: { afterwards: says("nothing") },
    config: 'web_search = "live"\n',
  });
  await world.repository.write("a.txt", "two\n");
  await world.quire(["review"]);
  expect(searchToolOf(world.server.requests[0]?.body)).toBe(null);
});
