import { callsTool, fault, patches, type Reply, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { startAppServer } from "./support/app-server.ts";
import { completedItems, execWorld } from "./support/exec-world.ts";

const ABSENT = "*** Begin Patch\n*** Update File: a.txt\n@@\n-absent\n+x\n*** End Patch";
const OUTSIDE = "*** Begin Patch\n*** Add File: /usr/quire-test.txt\n+x\n*** End Patch";

/** What went wrong with a call is an item with a code wherever somebody looks. */
test.each<[name: string, call: Reply, item: string, wire: string, code: string]>([
  ["a patch that does not fit", patches(ABSENT), "file_change", "fileChange", "patch_does_not_apply"],
  ["a patch outside", patches(OUTSIDE), "file_change", "fileChange", "patch_path_refused"],
  ["an unknown tool", callsTool("no_such", {}), "tool_call", "dynamicToolCall", "tool_unknown"],
  [
    "a call without its arguments",
    callsTool("exec_command", '{"cmd": '),
    "tool_call",
    "dynamicToolCall",
    "tool_bad_arguments",
  ],
  [
    "a command that the sandbox stops",
    callsTool("exec_command", { cmd: "touch /usr/quire-test" }),
    "command_execution",
    "commandExecution",
    "command_denied",
  ],
  [
    "an image that is not there",
    callsTool("view_image", { path: "none.png" }),
    "image_view",
    "imageView",
    "image_invalid",
  ],
])("%s: JSON lines, the terminal and the app-server name the code", async (_name, call, item, wire, code) => {
  await using world = await execWorld({ steps: [call, says("ok"), call, says("ok"), call, says("ok")] });
  const { events } = await world.execJson(["go"]);
  const shown = completedItems(events).find(({ type }) => type === item);
  expect(shown).toMatchObject({ error: { code, retryable: expect.any(Boolean) } });

  const { stderr } = await world.exec(["go"]);
  expect(stderr).toContain(`[${code}]`);

  await using server = startAppServer(world);
  await server.client.initialize();
  const { thread } = await server.client.request("thread/start", {
    cwd: world.repository.path,
    approvalPolicy: "never",
  });
  const { frames } = await server.client.turn(String(thread.id), "go");
  const completed = frames.find(
    ({ method, params }) => method === "item/completed" && params.item.type === wire,
  );
  expect(completed?.params.item).toMatchObject({ type: wire, error: { code } });
});

const LIFTED = 1_900_000_000;

test("a limit of the endpoint's: every front end has the code and the time at which it is lifted", async () => {
  const used = fault({
    status: 429,
    body: `{"error":{"type":"usage_limit_reached","message":"used up","resets_at":${LIFTED}}}`,
  });
  await using world = await execWorld({ script: { afterwards: used }, provider: QUICK });
  const error = {
    code: "model_usage_limit",
    reset_at: LIFTED,
    next_step: expect.stringContaining("Wait until"),
  };

  const { events } = await world.execJson(["go"]);
  expect(events.at(-1)).toMatchObject({ type: "turn.failed", error });

  const { stderr } = await world.exec(["go"]);
  expect(stderr).toMatch(
    /\[model_usage_limit\]\n {2}Wait until.*\n {2}The limit is lifted at 2030-03-17T17:46:40.000Z\./,
  );

  await using server = startAppServer(world);
  await server.client.initialize();
  const { thread } = await server.client.request("thread/start", { cwd: world.repository.path });
  const { frames } = await server.client.turn(String(thread.id), "go");
  const end = frames.find(({ method }) => method === "turn/completed");
  expect(end?.params.turn.error).toMatchObject({ codexErrorInfo: "usageLimitExceeded", error });
});

test("that the endpoint cannot be reached, and what to do, is told while it is tried again", async () => {
  await using world = await execWorld({ provider: QUICK });
  await world.server.close();
  const { stderr } = await world.exec(["go"]);
  // Between the first failure and the last one.
  expect(stderr).toMatch(
    /↻ Could not reach the model endpoint .*\[model_unreachable\]; trying again.*\n {2}Nothing listens on port \d+ of this machine.*\n(.*\n)*error: Could not reach/,
  );
  const { events } = await world.execJson(["go"]);
  expect(events.find(({ type }) => type === "error")).toMatchObject({
    will_retry: true,
    error: { code: "model_unreachable", next_step: expect.stringContaining("Nothing listens on port") },
  });
});

const QUICK = "request_max_retries = 1\nstream_max_retries = 1\n";
