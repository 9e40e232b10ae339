import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseRollout } from "@quire/core";
import { fieldsOf, RequestBytes, replayRequests } from "@quire/core/explain";
import {
  cacheablePrefix,
  callsTool,
  callsTools,
  patches,
  reasons,
  replies,
  runQuire,
  type Step,
  says,
} from "@quire/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type ExecWorld, execWorld } from "./support/exec-world.ts";

const explain = (world: ExecWorld, args: readonly string[] = []) =>
  runQuire(["explain", ...args], { home: world.home.path, cwd: world.repository.path });

async function logs(world: ExecWorld): Promise<string[]> {
  const sessions = join(world.quireHome, "sessions");
  const names = await readdir(sessions, { recursive: true });
  return names
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .map((name) => join(sessions, name));
}

/** What the log says was sent, one prefix for each request of its own. */
function predicted(log: string): string[] {
  const bytes = new RequestBytes();
  const prefixes: string[] = [];
  for (const request of replayRequests(parseRollout(readFileSync(log)).records)) {
    const fields = fieldsOf(request);
    if (fields === null) throw new Error("the log does not hold the request");
    if (request.inheritedFrom === null) prefixes.push(bytes.prefix(fields, request.input).toString("utf8"));
  }
  return prefixes;
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc
    .string({ unit: "binary", maxLength: 40 })
    .map((text) =>
      callsTool("exec_command", { cmd: `printf %s ${JSON.stringify(text.replaceAll("\0", ""))}` }),
    ),
  fc.constant(
    callsTools([
      ["exec_command", { cmd: "seq 1 300" }],
      ["exec_command", { cmd: "echo 😀; false" }],
    ]),
  ),
  fc.constant(replies(reasons('thinking about "input":['), callsTool("exec_command", "{not json"))),
  fc.constant(patches("*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch")),
  fc.constant(callsTool("no_such_tool", {})),
);

const change = fc.constantFrom<readonly string[]>(
  [],
  ["-c", "developer_instructions=be brief"],
  ["-m", "gpt-5.2-codex"],
  ["-c", "tools.view_image=false"],
  ["--sandbox", "read-only"],
);

test("what the log says was sent is what was sent, byte for byte, whatever happened", async () => {
  const turns = fc.array(fc.tuple(fc.array(step, { maxLength: 3 }), change), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(turns, fc.boolean(), async (plan, fork) => {
      const steps = plan.flatMap(([calls]) => [...calls, says("done")]);
      await using world = await execWorld({ steps, script: { afterwards: says("more") } });
      for (const [index, [, words]] of plan.entries()) {
        const how = index === 0 ? [] : ["resume", "--last"];
        await world.exec([...how, ...words, `turn ${index} "input":[ “quoted”`]);
      }
      if (fork) {
        const [log = ""] = await logs(world);
        await world.exec(["fork", log.slice(-42, -6), "another way"]);
      }
      const said = (await logs(world)).flatMap(predicted);
      const sent = world.server.requests.map((request) => cacheablePrefix(request).toString("utf8"));
      expect(said).toEqual(sent);
    }),
    { numRuns: 6 },
  );
});

test("explain says where tokens went, what broke the cached prefix and what that cost", async () => {
  await using world = await execWorld({
    files: { "a.txt": "one\n", "AGENTS.md": "Use tabs.\n" },
    steps: [
      { ...callsTool("exec_command", { cmd: "seq 1 2000" }), usage: { input: 4000, cached: 0, output: 40 } },
      { ...says("done"), usage: { input: 9000, cached: 3968, output: 60, reasoning: 20 } },
      { ...says("again"), usage: { input: 9100, cached: 0, output: 10 } },
      { ...says("same"), usage: { input: 9200, cached: 0, output: 10 } },
    ],
  });
  await world.exec(["count"]);
  await world.exec(["resume", "--last", "-c", "tools.view_image=false", "again"]);
  await world.exec(["resume", "--last", "-c", "tools.view_image=false", "and again"]);
  const { stdout: json } = await explain(world, ["--json"]);
  const explanation = JSON.parse(json);
  expect(explanation.requests).toMatchObject([
    { broken: null, missedTokens: 0 },
    { broken: null, missedTokens: 0 },
    { broken: { what: "the tools (gone: view_image)" }, missedTokens: 9000, missUsd: null },
    { broken: null, missedTokens: 9100 },
  ]);
  const sum = (of: { tokens: number }[]) => of.reduce((total, { tokens }) => total + tokens, 0);
  expect(sum(explanation.sources)).toBe(4000 + 9000 + 9100 + 9200);
  expect(explanation.sources.map(({ source }: { source: string }) => source)).toEqual(
    expect.arrayContaining([
      "output of exec_command",
      "instructions",
      "tool definitions",
      "AGENTS.md",
      "environment",
      "user messages",
      "answers",
    ]),
  );
  expect(explanation.outputs[0]).toMatchObject({ what: "seq 1 2000", requests: 3 });
  expect(explanation.next).toMatchObject({ model: "gpt-5.3-codex", cached: 9200 });
  const { stdout } = await explain(world);
  expect(stdout).toMatch(/^Thread [0-9a-f-]{36}: 4 requests, 31,300 tokens in \(3,968 cached\)/);
  expect(stdout).toMatch(
    /^Request 3: the tools \(gone: view_image\) differs from byte [\d,]+ of [\d,]+ on; 9,000 tokens were not cached; what that cost is unknown\.$/m,
  );
  expect(stdout).toContain("Request 4: the bytes continue those of the request before");
  const priced = await explain(world, [
    "--next",
    "-c",
    `model_catalog_json=${JSON.stringify(await catalogue(world))}`,
  ]);
  expect(priced.stdout).toMatch(
    /^Next request: about 9,2\d\d tokens in, 9,200 of them from the cache .* \$0\.00\d\d with/,
  );
  expect(await explain(world, ["ffffffff"])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("[thread_not_found]"),
  });
});

async function catalogue(world: ExecWorld): Promise<string> {
  const { writeFile } = await import("node:fs/promises");
  const file = join(world.home.path, "models.json");
  const models = [{ id: "gpt-5.3-codex", price: { input: 2, cached_input: 0.2, output: 15 } }];
  await writeFile(file, JSON.stringify({ models }));
  return file;
}
