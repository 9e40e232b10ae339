import { copyFileSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExecEvent } from "@quire/protocol";
import { fault, lastingFolder, parseScenario, replies, says, sendsItem } from "@quire/test-support";
import { afterAll, expect, test } from "vitest";
import { execWorld } from "../support/exec-world.ts";

/**
 * What `codex exec --json` 0.169 was seen to print for scripted models, without ids, texts of errors and the numbers
 * that no client reads. Ours has to contain it; README.md in this folder says how it was recorded.
 */
interface Case {
  name: string;
  scenario: object;
  /** Appended to config.toml. `$FIXTURE` is the MCP server of the tests of packages/mcp, `$NODE` what runs it. */
  config?: string;
  /** Files of the first commit, in base64. */
  binary?: Record<string, string>;
  /** Files changed after the commit. */
  dirty?: Record<string, string>;
  runs: { args: string[]; exitCode: number; events: object[] }[];
  /** The code of the item that ours shows where the reference shows nothing; `*` is any. */
  silentThere?: string;
  /** An event that ours leaves out, and why. */
  onlyThere?: { event: object; count: number; why: string };
}

const cases: Case[] = JSON.parse(await readFile(new URL("reference-streams.json", import.meta.url), "utf8"));

// Servers run in the sandbox, so theirs must be a place that it shows.
const folder = lastingFolder("quire-side-by-side");
const FIXTURE = join(folder, "server.mjs");
copyFileSync(fileURLToPath(new URL("../../packages/mcp/test/fixtures/server.mjs", import.meta.url)), FIXTURE);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a script can act on, whatever went wrong. */
const FAILED = {
  type: "turn.failed",
  error: { code: expect.any(String), retryable: expect.any(Boolean), next_step: expect.any(String) },
};

const RETRIES = "request_max_retries = 1\nstream_max_retries = 1\n";

/** Short where every try is silent, longer where one has to answer in time, and elsewhere beyond a busy machine's reach. */
const SILENCE_MS: Readonly<Record<string, number>> = { idle: 800, "stall-then-well": 4000 };
const idleTimeout = ({ name }: Case) => `stream_idle_timeout_ms = ${SILENCE_MS[name] ?? 30_000}\n`;

test.for(cases.map((each) => [each.name, each] as const))(
  "%s: our stream contains the reference's",
  { concurrent: false },
  async ([, each]) => {
    await using world = await worldFor(each);
    let thread = "";
    for (const run of each.runs) {
      const words = run.args.slice(1).map((word) => word.replace("$TID", thread));
      const ours = await world.exec(words);
      const lines = ours.stdout.trim().split("\n");
      const events: ExecEvent[] = lines.map((line) => JSON.parse(line));
      expect({ args: run.args, exitCode: ours.exitCode }).toEqual({ args: run.args, exitCode: run.exitCode });
      const [started] = events;
      thread = started?.type === "thread.started" ? started.thread_id : thread;
      const theirs = withoutDepartures(run.events, each);
      expect(missing(theirs, events, world.repository.path)).toEqual([]);
      if (run.exitCode !== 0) expect(events.at(-1)).toMatchObject(FAILED);
      if (each.silentThere !== undefined) expect(codesShown(events)).toContainEqual(shown(each.silentThere));
    }
  },
);

test("a web search of the endpoint is told as begun and as done, with one id", async () => {
  const action = { type: "search", query: "quire" };
  await using world = await execWorld({
    steps: [
      replies(sendsItem({ type: "web_search_call", id: "ws_1", status: "completed", action }), says("ok")),
    ],
  });
  const { events } = await world.execJson(["go"]);
  const search = { id: "item_0", type: "web_search", query: "quire", action };
  expect(events.slice(2, 4)).toEqual([
    { type: "item.started", item: search },
    { type: "item.completed", item: search },
  ]);
});

test("a resumed thread keeps its id, a fork gets a new one", async () => {
  const idsOf = async (name: string) => {
    const each = cases.find((candidate) => candidate.name === name);
    if (!each) throw new Error(`there is no case ${name}`);
    await using world = await worldFor(each);
    const ids: string[] = [];
    for (const run of each.runs) {
      const words = run.args.slice(1).map((word) => word.replace("$TID", ids.at(-1) ?? ""));
      const { stdout } = await world.exec(words);
      ids.push(JSON.parse(stdout.split("\n")[0] ?? "").thread_id);
    }
    return new Set(ids).size;
  };
  expect([await idsOf("resume"), await idsOf("fork")]).toEqual([1, 2]);
});

async function worldFor(each: Case) {
  const schema = {
    type: "object",
    properties: { color: { type: "string" } },
    required: ["color"],
    additionalProperties: false,
  };
  const steps: ReturnType<typeof parseScenario>["steps"] = [];
  const script: ReturnType<typeof parseScenario>["options"] = {};
  const world = await execWorld({
    files: { "a.txt": "one\n", "schema.json": JSON.stringify(schema), ...binaryFiles(each) },
    steps,
    script,
    provider: RETRIES + idleTimeout(each),
    config: (each.config ?? "").replaceAll("$NODE", process.execPath).replaceAll("$FIXTURE", FIXTURE),
  });
  const scenario = parseScenario(JSON.stringify(each.scenario).replaceAll("$REPO", world.repository.path));
  steps.push(...scenario.steps);
  Object.assign(script, scenario.options);
  for (const [file, text] of Object.entries(each.dirty ?? {})) {
    await writeFile(join(world.repository.path, file), text);
  }
  return world;
}

function binaryFiles({ binary = {} }: Case): Record<string, { content: Buffer }> {
  return Object.fromEntries(
    Object.entries(binary).map(([name, base64]) => [name, { content: Buffer.from(base64, "base64") }]),
  );
}

function withoutDepartures(events: readonly object[], { onlyThere }: Case): object[] {
  if (!onlyThere) return [...events];
  let left = onlyThere.count;
  return events.filter((event) => !(contains(event, onlyThere.event) && left-- > 0));
}

/** Their events that ours does not have in that order. Events of calls that run beside each other may change places. */
function missing(theirs: readonly object[], ours: readonly ExecEvent[], repository: string): object[] {
  const rest = [...ours];
  return theirs.filter((raw) => {
    const event: object = JSON.parse(JSON.stringify(raw).replaceAll("$REPO", repository));
    const isCommand = "item" in event && contains(event, { item: { type: "command_execution" } });
    const index = rest.findIndex((candidate) => contains(candidate, event));
    if (index === -1) return true;
    rest.splice(isCommand ? index : 0, isCommand ? 1 : index + 1);
    return false;
  });
}

/** Whether `whole` has everything that `part` says. Ours starts its shell without -l. */
function contains(whole: unknown, part: unknown): boolean {
  if (typeof part === "string") return whole === part || whole === part.replace("bash -lc", "bash -c");
  if (typeof part !== "object" || part === null) return Object.is(whole, part);
  if (typeof whole !== "object" || whole === null) return false;
  if (Array.isArray(part) && (!Array.isArray(whole) || whole.length !== part.length)) return false;
  return Object.entries(part).every(([key, value]) => contains(Reflect.get(whole, key), value));
}

function codesShown(events: readonly ExecEvent[]): (string | undefined)[] {
  return events.flatMap((event) => {
    if (event.type !== "item.completed") return [];
    if (event.item.type === "error") return [event.item.code];
    return "error" in event.item ? [event.item.error?.code] : [];
  });
}

function shown(code: string): unknown {
  return code === "*" ? expect.any(String) : code;
}

test("every try again is counted, and a limit says when it is lifted", async () => {
  await using world = await execWorld({
    steps: [fault({ status: 429, retryAfter: 1 }), fault({ status: 500 }), fault({ truncate: true })],
    script: {
      afterwards: fault({
        status: 429,
        body: '{"error":{"type":"usage_limit_reached","message":"limit","resets_at":1900000000}}',
      }),
    },
    provider: "request_max_retries = 5\nstream_max_retries = 5\n",
  });
  const { events } = await world.execJson(["go"]);
  const errors = events.flatMap((event) => (event.type === "error" ? [event] : []));
  expect(errors.map(({ error, attempt, will_retry }) => [error?.code, attempt, will_retry])).toEqual([
    ["model_rate_limited", 1, true],
    ["model_server_error", 2, true],
    ["model_stream_cut", 3, true],
    ["model_usage_limit", 3, false],
  ]);
  expect(errors[0]).toMatchObject({ max_attempts: 5, delay_ms: expect.any(Number) });
  expect(errors[0]?.error?.reset_at).toBeGreaterThan(1_700_000_000);
  expect(events.at(-1)).toMatchObject({ type: "turn.failed", error: { reset_at: 1_900_000_000 } });
});
