import { callsTool, callsTools, patches, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { approveCommands } from "../packages/sdk/examples/approve-commands.ts";
import { askOnce } from "../packages/sdk/examples/ask-once.ts";
import { customTool } from "../packages/sdk/examples/custom-tool.ts";
import { streamProgress } from "../packages/sdk/examples/stream-progress.ts";
import { assessRisk } from "../packages/sdk/examples/structured-output.ts";
import { sdkWorld } from "./support/sdk-world.ts";

test("ask-once", async () => {
  await using run = await sdkWorld({ steps: [says("It holds a number.")] });
  expect(await askOnce(run.quire, run.world.repository.path)).toBe("It holds a number.");
  expect(run.world.server.requests[0]?.inputTexts.join("\n")).toContain("Sandbox mode: read-only");
});

test("stream-progress", async () => {
  const patch = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch";
  await using run = await sdkWorld({
    steps: [callsTool("exec_command", { cmd: "cat a.txt" }), patches(patch), says("ok")],
  });
  const lines: string[] = [];
  await streamProgress(run.quire, run.world.repository.path, (line) => lines.push(line));
  expect(lines).toEqual([
    "$ /bin/bash -c 'cat a.txt' (exit 0)",
    `changed ${run.world.repository.path}/a.txt`,
    expect.stringMatching(/^used \d+ output tokens$/),
  ]);
});

test("approve-commands", async () => {
  const escalate = (cmd: string) =>
    ["exec_command", { cmd, sandbox_permissions: "require_escalated", justification: "network" }] as const;
  await using run = await sdkWorld({
    steps: [callsTools([escalate("echo npm ci"), escalate("curl https://evil.example")]), says("ok")],
  });
  expect(await approveCommands(run.quire, run.world.repository.path)).toEqual([
    "/bin/bash -c 'curl https://evil.example'",
  ]);
  expect(run.world.server.requests[1]?.toolOutputs).toEqual([
    expect.stringContaining("npm ci"),
    expect.stringContaining("Only npm ci may use the network."),
  ]);
});

test("custom-tool", async () => {
  await using run = await sdkWorld({
    steps: [
      callsTools([
        ["stock_level", { article: "apple" }],
        ["stock_level", { article: "pear" }],
      ]),
      says("Three."),
    ],
  });
  expect(await customTool(run.quire, run.world.repository.path)).toBe("Three.");
  expect(run.world.server.requests[1]?.toolOutputs).toEqual([
    '{"article":"apple","level":3}',
    'there is no article "pear"',
  ]);
});

test("structured-output", async () => {
  await using run = await sdkWorld({ steps: [says('{"risk":"low","reason":"a comment"}')] });
  expect(await assessRisk(run.quire, run.world.repository.path)).toEqual({
    risk: "low",
    reason: "a comment",
  });
  expect(run.world.server.requests[0]?.body).toMatchObject({ text: { format: { type: "json_schema" } } });
});
