import { appendFile, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, fault, runQuire, type Step, says } from "@quire/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type ExecWorld, execWorld } from "./support/exec-world.ts";

interface Line {
  id: string;
  thread: string;
  turn: string;
  tool: string | null;
  attempt: number;
  failed: string | null;
  usage: { in: number; cached: number; out: number; reasoning: number } | null;
  cost: { usd?: number; unknown?: string } | null;
  [key: string]: unknown;
}

async function ledgerLines(world: ExecWorld): Promise<Line[]> {
  const folder = join(world.quireHome, "ledger");
  const files = (await readdir(folder)).filter((name) => name.endsWith(".jsonl")).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap((text) => text.split("\n")).flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
}

const usage = (world: ExecWorld, args: readonly string[]) =>
  runQuire(["usage", ...args], { home: world.home.path });

const QUICK_RETRIES = `request_max_retries = 1\nstream_max_retries = 1\n`;

test("each request is one line: what it was for, what caused it, what it took and at which price", async () => {
  await using world = await execWorld({
    steps: [
      { ...callsTool("exec_command", { cmd: "true" }), usage: { input: 1000, cached: 0, output: 50 } },
      { ...says("done"), usage: { input: 1200, cached: 900, output: 20, reasoning: 5 } },
    ],
  });
  const { events } = await world.execJson(["go"]);
  const started = events[0]?.type === "thread.started" ? events[0].thread_id : "";
  const lines = await ledgerLines(world);
  expect(lines).toEqual([
    {
      v: 1,
      id: `${lines[0]?.turn}:1`,
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      thread: started,
      turn: expect.any(String),
      project: world.repository.path,
      provider: "scripted",
      model: "gpt-5.3-codex",
      effort: null,
      purpose: "turn",
      agent: "main",
      tool: null,
      attempt: 1,
      failed: null,
      usage: { in: 1000, cached: 0, written: 0, out: 50, reasoning: 0 },
      price: { in: 2, cached: null, written: null, out: 15, as_of: "mid-2026", source: "D3" },
      cost: { usd: expect.closeTo((1000 * 2 + 50 * 15) / 1e6, 10) },
      estimate: { in: expect.any(Number), cached: 0, usd: expect.any(Number) },
    },
    expect.objectContaining({
      id: `${lines[0]?.turn}:2`,
      tool: "exec_command",
      usage: { in: 1200, cached: 900, written: 0, out: 20, reasoning: 5 },
      // No source gives a price for cached input; at the full price it is bounded.
      cost: { unknown: 'no price of "gpt-5.3-codex" for cached input is known' },
      at_most: expect.closeTo((1200 * 2 + 20 * 15) / 1e6, 10),
      estimate: { in: expect.any(Number), cached: 1000, usd: null },
    }),
  ]);
  const [file = ""] = await readdir(join(world.quireHome, "ledger"));
  expect((await stat(join(world.quireHome, "ledger", file))).mode & 0o777).toBe(0o600);
});

test("failed attempts are lines of their own; a refusal costs nothing, a broken stream an unknown amount", async () => {
  await using world = await execWorld({
    steps: [fault({ status: 503 }), says("ok"), fault({ drop: "midway" }), fault({ drop: "midway" })],
    provider: QUICK_RETRIES,
  });
  expect((await world.exec(["go"])).exitCode).toBe(0);
  expect((await world.exec(["go"])).exitCode).toBe(1);
  const lines = await ledgerLines(world);
  expect(lines.map(({ attempt, failed, cost }) => ({ attempt, failed, cost }))).toEqual([
    { attempt: 1, failed: "model_overloaded", cost: null },
    { attempt: 2, failed: null, cost: { usd: expect.any(Number) } },
    { attempt: 1, failed: "model_stream_cut", cost: { unknown: "the endpoint gave no counts" } },
    { attempt: 2, failed: "model_stream_cut", cost: { unknown: "the endpoint gave no counts" } },
  ]);
  const shown = await usage(world, ["--by", "model"]);
  expect(shown.stdout).toMatch(/^model +requests +failed +input/);
  expect(shown.stdout).toMatch(/^gpt-5.3-codex +4 +3 +100 .* ≥ 0\.\d{4}$/m);
  expect(shown.stdout).toContain("2 requests of unknown cost are not in the US$ column.");
});

test("the ledger's sum is what the turns report, over runs, resumes and forks", async () => {
  await using world = await execWorld({
    script: {
      afterwards: { ...says("ok"), usage: { input: 500, cached: 100, output: 30, reasoning: 10 } },
    },
  });
  const runs = [
    await world.execJson(["one"]),
    await world.execJson(["resume", "--last", "two"]),
    await world.execJson(["--ephemeral", "three"]),
  ];
  const first = runs[0]?.events[0];
  const id = first?.type === "thread.started" ? first.thread_id : "";
  const fork = await world.execJson(["fork", id, "four"]);
  const ends = [...runs, fork].map(({ events }) => {
    const end = events.at(-1);
    if (end?.type !== "turn.completed") throw new Error("the turn did not complete");
    return end.usage;
  });
  // The totals of a fork count what it inherited, as Codex's do; its turn and the ledger only what was paid anew.
  expect(ends.at(-1)).toMatchObject({ input_tokens: 1500, turn: { input_tokens: 500 } });
  const reported = ends.reduce((sum, { turn }) => sum + (turn?.input_tokens ?? 0), 0);
  const { stdout } = await usage(world, ["--json", "--by", "thread"]);
  const report: { rows: { thread: string; input_tokens: number }[]; total: Record<string, number> } =
    JSON.parse(stdout);
  expect(report.total).toMatchObject({ requests: 4, input_tokens: reported, cached_input_tokens: 400 });
  expect(report.rows.find(({ thread }) => thread === id)?.input_tokens).toBe(1000);
});

test("whatever happens, the ledger's sum is what turns and threads report", async () => {
  const counts = fc.record({ input: fc.nat(5000), output: fc.nat(300) });
  const step: fc.Arbitrary<Step> = fc.oneof(
    counts.map((taken) => ({ ...says("done"), usage: taken })),
    counts.map((taken) => ({ ...callsTool("exec_command", { cmd: "true" }), usage: taken })),
    counts.map((taken) => ({
      ...says("cut", { outcome: { kind: "incomplete", reason: "max_output_tokens" } }),
      usage: taken,
    })),
    fc.constantFrom(
      fault({ status: 503 }),
      fault({ status: 400 }),
      fault({ drop: "midway" }),
      fault({ malformed: true }),
    ),
  );
  const how = fc.constantFrom("start", "resume", "fork", "ephemeral");
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 10 }),
      fc.array(how, { minLength: 2, maxLength: 3 }),
      async (steps, runs) => {
        await using world = await execWorld({
          steps,
          script: { afterwards: says("end") },
          provider: QUICK_RETRIES,
        });
        const first = await world.execJson(["go"]);
        const [begun] = first.events;
        const id = begun?.type === "thread.started" ? begun.thread_id : "";
        const words = { start: [], resume: ["resume", id], fork: ["fork", id], ephemeral: ["--ephemeral"] };
        const ends = [first];
        for (const kind of runs) ends.push(await world.execJson([...words[kind], "go"]));
        const turns = ends.flatMap(({ events }) =>
          events.flatMap((event) =>
            (event.type === "turn.completed" || event.type === "turn.failed") && event.usage?.turn
              ? [event.usage.turn]
              : [],
          ),
        );
        expect(turns).toHaveLength(ends.length);
        const { stdout } = await usage(world, ["--json"]);
        const { total }: { total: Record<string, number> } = JSON.parse(stdout);
        const sum = (key: keyof (typeof turns)[number]) => turns.reduce((all, turn) => all + turn[key], 0);
        expect(total).toMatchObject({
          requests: world.server.requests.length,
          input_tokens: sum("input_tokens"),
          cached_input_tokens: sum("cached_input_tokens"),
          output_tokens: sum("output_tokens"),
          reasoning_output_tokens: sum("reasoning_output_tokens"),
        });
      },
    ),
    { numRuns: 5 },
  );
});

test("credits are shown beside money, at the configured rate", async () => {
  await using world = await execWorld({
    config: '[budget.credits]\nname = "coins"\nper_usd = 25\n',
    script: { afterwards: { ...says("ok"), usage: { input: 1000, output: 100 } } },
  });
  await world.exec(["one"]);
  const { stdout } = await usage(world, []);
  expect(stdout).toMatch(/ US\$ +coins$/m);
  expect(stdout).toMatch(/^total .* 0\.0035 +0\.09$/m);
});

test("usage is grouped, bounded by days and given as CSV; wrong words are named", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await world.exec(["one"]);
  const [line] = await ledgerLines(world);
  const folder = join(world.quireHome, "ledger");
  const old = { ...line, id: "old:1", at: "2025-01-15T12:00:00.000Z", model: '=a"b', cost: { unknown: "?" } };
  await appendFile(join(folder, "2025-01.jsonl"), `${JSON.stringify(old)}\n{"v":1,"torn`);
  const csv = await usage(world, ["--csv", "--by", "model"]);
  expect(csv.stdout.split("\n").slice(0, 1)).toEqual([
    "model,requests,failed_requests,input_tokens,cached_input_tokens,cache_write_input_tokens,output_tokens,reasoning_output_tokens,known_cost_usd,requests_of_unknown_cost,requests_without_counts,unknown_cost_at_most_usd",
  ]);
  expect(csv.stdout).toContain('"\'=a""b",1,0,');
  const before = await usage(world, ["--until", "2025-12-31"]);
  expect(before.stdout).toMatch(/^2025-01-15 .* unknown$/m);
  expect((await usage(world, ["--since", "today"])).stdout).not.toContain("2025");
  expect((await usage(world, ["--until", "2024-12-31"])).stdout).toBe("No requests in this time.\n");
  expect(await usage(world, ["--by", "colour"])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('--by "colour" is not one of day, model,'),
  });
  expect(await usage(world, ["--since", "2025-13-01"])).toMatchObject({ exitCode: 2 });
});

test("summaries, their failed attempts and reviews are in the turn's usage and in the ledger alike", async () => {
  let calls = 0;
  let summaries = 0;
  const answer = (asked: string): ReturnType<typeof fault> => {
    if (asked.includes("is about to be shortened")) {
      summaries += 1;
      return summaries === 1 ? fault({ status: 503 }) : says("What was done.");
    }
    calls += 1;
    return calls < 6 ? callsTool("exec_command", { cmd: "seq 1 400" }) : says("Done.");
  };
  const model: Step = (request) => {
    const reply = answer(request.inputTexts.at(-1) ?? "");
    const usage = { input: Math.ceil(request.raw.length / 3.5), cached: 100, output: 40 };
    return reply.kind === "reply" ? { ...reply, usage } : reply;
  };
  await using world = await execWorld({ script: { afterwards: model }, provider: QUICK_RETRIES });
  await writeFile(join(world.repository.path, "a.txt"), "two\n");
  const ends = [
    await world.execJson(["-c", "model_auto_compact_token_limit=3700", "count"]),
    await world.execJson(["review"]),
  ].map(({ events }) => {
    const end = events.at(-1);
    if (end?.type !== "turn.completed") throw new Error("the turn did not complete");
    return end.usage.turn;
  });
  const { stdout } = await usage(world, ["--json", "--by", "purpose"]);
  const report: { rows: { purpose: string; requests: number }[]; total: Record<string, number> } =
    JSON.parse(stdout);
  expect(Object.fromEntries(report.rows.map(({ purpose, requests }) => [purpose, requests]))).toMatchObject({
    compaction: summaries,
    review: 1,
  });
  expect(summaries).toBeGreaterThan(1);
  for (const key of ["input_tokens", "cached_input_tokens", "output_tokens"] as const) {
    expect(report.total[key]).toBe(ends.reduce((sum, turn) => sum + (turn?.[key] ?? 0), 0));
  }
  expect(report.total.requests).toBe(world.server.requests.length);
});
