import { spawnSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  fault,
  QUIRE_BIN,
  type QuireRun,
  quireHomeIn,
  type RunQuireOptions,
  runQuire,
  says,
  scriptedResponses,
  temporaryDirectory,
} from "@quire/test-support";
import { expect, test } from "vitest";

const SUITE = fileURLToPath(new URL("../examples/eval-suite", import.meta.url));
const SLOW = { timeoutMs: 90_000 };

/** Two tiny problems in HumanEval's format, our own. */
const PROBLEMS = [
  {
    task_id: "own/add",
    prompt: 'def add(a, b):\n    """The sum of both."""\n',
    entry_point: "add",
    canonical_solution: "    return a + b\n",
    test: "def check(candidate):\n    assert candidate(1, 2) == 3, 'wrong sum'\n    assert candidate(0, 0) == 0\n",
  },
  {
    task_id: "own/twice",
    prompt: 'def twice(text):\n    """The text two times."""\n',
    entry_point: "twice",
    canonical_solution: "    return text * 2\n",
    test: "def check(candidate):\n    assert candidate('ab') == 'abab'\n",
  },
];
const GOOD = "    return a + b\n";

function lines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

async function world() {
  const folder = await temporaryDirectory("quire-eval-test-");
  const at = (name: string) => join(folder.path, name);
  await writeFile(at("problems.jsonl"), lines(PROBLEMS));
  await mkdir(quireHomeIn(folder.path));
  return {
    folder: folder.path,
    at,
    humaneval: (...args: string[]): Promise<QuireRun> =>
      runQuire(["eval", "humaneval", "--data", at("problems.jsonl"), ...args], {
        ...SLOW,
        home: folder.path,
      }),
    quire: (args: string[], options: RunQuireOptions = {}): Promise<QuireRun> =>
      runQuire(args, { ...SLOW, home: folder.path, ...options }),
    async judge(completions: readonly string[]): Promise<Array<{ result: string; passed: boolean }>> {
      const samples = completions.map((completion) => ({ task_id: "own/add", completion }));
      await writeFile(at("samples.jsonl"), lines(samples));
      const run = await this.humaneval("--samples", at("samples.jsonl"), "--no-dedupe", "--json");
      expect([run.exitCode, run.timedOut]).toEqual([0, false]);
      const { results } = JSON.parse(run.stdout);
      return results.map(({ result, passed }: { result: string; passed: boolean }) => ({ result, passed }));
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test("known solutions pass, empty completions do not", async () => {
  await using w = await world();
  const known = PROBLEMS.map(({ task_id, canonical_solution: completion }) => ({ task_id, completion }));
  const empty = PROBLEMS.map(({ task_id }) => ({ task_id, completion: "" }));
  await writeFile(w.at("known.jsonl"), lines([...known, ...known]));
  await writeFile(w.at("empty.jsonl"), lines(empty));
  await writeFile(
    w.at("one.jsonl"),
    lines([...known.slice(0, 1), ...known.slice(0, 1), ...empty.slice(0, 1)]),
  );
  const right = await w.humaneval("--samples", w.at("known.jsonl"), "-k", "1,2,3", "--json");
  expect(JSON.parse(right.stdout)).toMatchObject({
    benchmark: "HumanEval",
    problems: 2,
    attempted: 2,
    samples: 4,
    passed: 4,
    pass_at_k: { "pass@1": 1, "pass@2": 1 },
    notes: ["Not estimated: pass@3. That takes as many samples of every problem, and one has 2."],
    results: [
      { task_id: "own/add", completion_id: 0, passed: true, result: "passed", failure: null },
      { task_id: "own/twice", completion_id: 0, passed: true },
      { task_id: "own/add", completion_id: 1, passed: true },
      { task_id: "own/twice", completion_id: 1, passed: true },
    ],
  });
  const { notes } = JSON.parse(
    (await w.humaneval("--samples", w.at("one.jsonl"), "--export", w.at("passed.jsonl"), "--json")).stdout,
  );
  expect(notes).toEqual([expect.stringMatching(/^1 of 2 problems have no sample, the first is own\/twice:/)]);
  expect(JSON.parse(await readFile(w.at("passed.jsonl"), "utf8"))).toEqual({
    task_id: "own/add",
    prompt: PROBLEMS[0]?.prompt,
    completion: GOOD,
  });
  const wrong = await w.humaneval("--samples", w.at("empty.jsonl"));
  expect(wrong.stdout).toContain("0 of 2 samples passed");
  expect(wrong.stdout).toMatch(/published, not reproduced[\s\S]*Codex 12B +28\.8 \/ 46\.8 \/ 72\.3/);
});

test("samples reach neither the machine nor their judge", async () => {
  await using w = await world();
  const attack = (code: string) => `    ${code.replaceAll("\n", "\n    ")}\n`;
  const cases: ReadonlyArray<readonly [completion: string, result: RegExp]> = [
    [attack("import posix\nposix.kill(posix.getppid(), 9)\nreturn 0"), /^failed: wrong sum$/],
    [attack("import posix\nwhile True: posix.fork()"), /^failed: .*temporarily unavailable$/],
    [attack("return len(bytearray(10**10))"), /^failed: $/],
    [attack("raise ValueError(open('/etc/passwd').read())"), /No such file/],
    [
      attack("import os\nraise ValueError(os.path.exists('/proc/self') or os.listdir('/tmp'))"),
      /\['sample'\]$/,
    ],
    [attack("import socket\nsocket.create_connection(('127.0.0.1', 80), 1)"), /refused|unreachable/],
    [attack("open('/dev/x', 'w')"), /Read-only/],
    [attack("open('/dev/shm/x', 'w').write('x' * 17_000_000)"), /No space left/],
    [attack("import os\nraise ValueError(os.listdir('/dev/shm'))"), /^failed: \[\]$/],
    [
      attack(
        'import os\nfor fd in range(300):\n    try: os.write(fd, b\'[[0,"passed",""]]\\n\')\n    except OSError: pass',
      ),
      /^failed: wrong sum$/,
    ],
    [
      attack(
        "import gc, os\nfor o in gc.get_objects():\n    if isinstance(o, list): o.append('passed')\nos._exit(0)",
      ),
      /^timed out$/,
    ],
    [attack("open('/tmp/left', 'w').write('x')\nreturn a + b"), /^passed$/],
    [attack("import os\nraise ValueError(os.listdir('/tmp'))"), /\['sample'\]$/],
    [GOOD, /^passed$/],
  ];
  const results = await w.judge(cases.map(([completion]) => completion));
  for (const [index, [completion, expected]] of cases.entries())
    expect([completion, results[index]?.result]).toEqual([completion, expect.stringMatching(expected)]);
});

test("a model writes samples; a run that failed half-way goes on and asks only for what is missing", async () => {
  await using w = await world();
  const answer = (code: string) => says(`Here it is:\n\`\`\`python\n${code}\`\`\``);
  await using server = await scriptedResponses([
    answer("def add(a, b):\n    return a + b\n"),
    fault({ status: 400, message: "no" }),
    answer("def twice(text):\n    return text + text\n"),
  ]);
  await writeFile(
    join(quireHomeIn(w.folder), "config.toml"),
    `model = "gpt-5.3-codex"\nmodel_provider = "scripted"\n[model_providers.scripted]\nbase_url = "${server.url}"\nwire_api = "responses"\n`,
  );
  const args = ["--out", w.at("run"), "--workers", "1", "--json"];
  const first = await w.humaneval(...args);
  expect(first.exitCode).toBe(1);
  expect(JSON.parse(first.stdout)).toMatchObject({ attempted: 1, passed: 1, samples: 1 });
  // As a kill in the middle of a write leaves it.
  await writeFile(w.at("run/samples.jsonl"), '{"task_id":"own/tw', { flag: "a" });
  const second = await w.humaneval(...args);
  expect([second.exitCode, server.requests.length]).toEqual([0, 3]);
  expect(JSON.parse(second.stdout)).toMatchObject({
    attempted: 2,
    passed: 2,
    samples: 2,
    model: "gpt-5.3-codex",
  });
  const kept = (await readFile(w.at("run/results.jsonl"), "utf8")).trim().split("\n");
  expect(kept.map((line) => JSON.parse(line).task_id)).toEqual(["own/add", "own/twice"]);
  const usage = await runQuire(["usage", "--by", "purpose", "--csv"], { home: w.folder });
  expect(usage.stdout).toMatch(/^eval,3,1,/m);
});

test("a killed run loses no verdict and judges only the rest when it goes on", async () => {
  await using w = await world();
  const loop = "    while True: pass\n";
  const completions = [GOOD, `${GOOD}\n`, loop, loop, `${loop}\n`, `${loop}\n\n`];
  await writeFile(
    w.at("s.jsonl"),
    lines(completions.map((completion) => ({ task_id: "own/add", completion }))),
  );
  const args = ["--samples", w.at("s.jsonl"), "--out", w.at("run"), "--timeout", "2"];
  const results = async () => {
    const text = await readFile(w.at("run/results.jsonl"), "utf8").catch(() => "");
    return text.trim().split("\n").filter(Boolean);
  };
  const kill = new AbortController();
  const killed = runQuire(["eval", "humaneval", "--data", w.at("problems.jsonl"), ...args], {
    ...SLOW,
    home: w.folder,
    signal: kill.signal,
  });
  while ((await results()).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  kill.abort();
  expect((await killed).signal).toBe("SIGKILL");
  const kept = await results();
  const again = await w.humaneval(...args, "--json");
  expect(JSON.parse(again.stdout)).toMatchObject({ samples: 6, passed: 2, failures: { "timed out": 4 } });
  const all = await results();
  expect(all.slice(0, kept.length)).toEqual(kept);
  expect(new Set(all.map((line) => JSON.parse(line).completion_id)).size).toBe(6);
  expect(all).toHaveLength(6);
});

test("a report shows hostile text as text", async () => {
  await using w = await world();
  const evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\\u202e";
  await writeFile(
    w.at("s.jsonl"),
    lines([{ task_id: "own/add", completion: `    raise ValueError(${JSON.stringify(evil)})\n` }]),
  );
  const run = await w.humaneval("--samples", w.at("s.jsonl"), "--out", w.at("run"), "--report", "html");
  expect(run.exitCode).toBe(0);
  const html = await readFile(w.at("run/report.html"), "utf8");
  expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(html).not.toMatch(/<script|<img|src=x onerror=alert\(1\)>/);
  expect(html).not.toContain("\u202e");
});

test("two runs are compared", async () => {
  await using w = await world();
  const rows = (...passed: string[]) =>
    lines(["a", "b", "c", "d"].map((task_id) => ({ task_id, passed: passed.includes(task_id) })));
  await writeFile(w.at("a.jsonl"), rows("a", "b", "c"));
  await writeFile(w.at("b.jsonl"), rows("a"));
  const run = await w.quire(["eval", "compare", w.at("a.jsonl"), w.at("b.jsonl"), "--json"]);
  expect(JSON.parse(run.stdout)).toMatchObject({
    a: 0.75,
    b: 0.25,
    difference: -0.5,
    onlyA: ["b", "c"],
    pValue: 0.5,
  });
});

test.each([
  ["gold", 3, 0],
  ["null", 0, 0],
  ["cheat", 0, 3],
] as const)("the suite with the %s patch: %i pass, %i changed the tests", async (patch, passed, tampered) => {
  await using w = await world();
  const run = await w.quire(["eval", "suite", SUITE, "--patch", patch, "--json", "--fail-under", "100"]);
  expect(run.exitCode).toBe(patch === "gold" ? 0 : 1);
  const { results, ...summary } = JSON.parse(run.stdout);
  expect(summary).toMatchObject({ problems: 3, passed });
  expect(results.filter((row: { tampered: string[] }) => row.tampered.length > 0)).toHaveLength(tampered);
});

test.each<[args: string[], said: RegExp]>([
  [["eval"], /no benchmark was named/],
  [["eval", "nonsense"], /unknown benchmark "nonsense"/],
  [["eval", "humaneval"], /the problems are missing: --data FILE/],
  [["eval", "humaneval", "--data", "nowhere.jsonl", "--samples", "x"], /cannot be read from nowhere\.jsonl/],
  [["eval", "humaneval", "--data", "x", "--out", "y", "--workers", "0"], /--workers takes whole numbers/],
  [["eval", "humaneval", "--data", "x", "--out", "y", "--report", "pdf"], /--report is one of html, md/],
  [["eval", "suite", "nowhere"], /the suite cannot be read/],
  [["eval", "suite", SUITE, "--patch", "gold", "--only", "slug-js,nope"], /no task is called nope/],
  [["eval", "quixbugs", "nowhere"], /does not look like a clone of QuixBugs/],
  [["eval", "compare", "one"], /two runs are compared/],
])("wrong use %j is explained", async (args, said) => {
  await using w = await world();
  const run = await w.quire(args);
  expect([run.exitCode, run.stderr]).toEqual([2, expect.stringMatching(said)]);
  expect(run.stderr).toContain("[usage_invalid]");
});

test("a full disk ends the run, which goes on when there is room; no report takes the figures with it", async () => {
  await using w = await world();
  const samples = Array.from({ length: 60 }, () => ({ task_id: "own/add", completion: GOOD }));
  await writeFile(w.at("s.jsonl"), lines(samples));
  const args = ["--samples", w.at("s.jsonl"), "--out", w.at("run"), "--report", "html"];
  const words = ["eval", "humaneval", "--data", w.at("problems.jsonl"), ...args];
  // A limit on the size of a file does to it what a full disk does.
  const limited = spawnSync("bash", ["-c", 'ulimit -f 4; exec "$@"', "bash", QUIRE_BIN, ...words], {
    env: { ...process.env, QUIRE_HOME: quireHomeIn(w.folder) },
    encoding: "utf8",
    timeout: 90_000,
  });
  expect([limited.status, limited.stderr]).toEqual([
    1,
    expect.stringMatching(/has no room: .*\[storage_full\]/),
  ]);
  // The rows are there that fit, the last one in half.
  const kept = (await readFile(w.at("run/results.jsonl"), "utf8")).split("\n").slice(0, -1);
  expect(kept.length).toBeGreaterThan(5);
  await mkdir(w.at("run/report.html"));
  const again = await w.humaneval(...args);
  expect(again.stdout).toMatch(/^HumanEval: 60 of 60 samples passed/);
  expect([again.exitCode, again.stderr]).toEqual([
    2,
    expect.stringMatching(/report\.html cannot be written: EISDIR.*\[directory_unusable\]/),
  ]);
  const rows = (await readFile(w.at("run/results.jsonl"), "utf8")).trim().split("\n");
  expect([rows.length, rows.slice(0, kept.length)]).toEqual([60, kept]);
});

test("a damaged line and a foreign task are named with their place", async () => {
  await using w = await world();
  await writeFile(w.at("s.jsonl"), `${lines([{ task_id: "own/add", completion: "" }])}{"task_id": 3}\n`);
  const damaged = await w.humaneval("--samples", w.at("s.jsonl"));
  expect([damaged.exitCode, damaged.stderr]).toEqual([2, expect.stringContaining("s.jsonl:2 is not one of")]);
  await writeFile(w.at("s.jsonl"), lines([{ task_id: "other/1", completion: "" }]));
  const foreign = await w.humaneval("--samples", w.at("s.jsonl"));
  expect(foreign.stderr).toContain('s.jsonl:1 is for "other/1", which is not among the problems');
});
