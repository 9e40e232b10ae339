import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  callsTool,
  patches,
  quireHomeIn,
  type Reply,
  runQuire,
  says,
  scriptedResponses,
  temporaryDirectory,
} from "@quire/test-support";
import { expect, test } from "vitest";

const SUITE = join(import.meta.dirname, "../examples/eval-suite");
const SLOW = { timeoutMs: 90_000 };

async function world(steps: readonly Reply[]) {
  const folder = await temporaryDirectory("quire-eval-agent-");
  const server = await scriptedResponses([...steps]);
  await mkdir(quireHomeIn(folder.path));
  await writeFile(
    join(quireHomeIn(folder.path), "config.toml"),
    `model = "gpt-5.3-codex"\nmodel_provider = "scripted"\n[model_providers.scripted]\nbase_url = "${server.url}"\nwire_api = "responses"\n`,
  );
  return {
    server,
    at: (name: string) => join(folder.path, name),
    quire: (...args: string[]) => runQuire(args, { ...SLOW, home: folder.path }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const edit = (file: string, before: string, after: string) =>
  patches(`*** Begin Patch\n*** Update File: ${file}\n@@\n-${before}\n+${after}\n*** End Patch`);
const SLUG = edit("slug.js", '    .replace(/^_+|_+$/g, "");', '    .replace(/^-+|-+$/g, "");');

test.each([
  ["better", [says("I give up."), SLUG, says("Fixed.")], 0, /failed before, passes now .*changed slug\.js/],
  ["worse", [SLUG, says("Fixed."), says("I give up.")], 1, /passed before, fails now .*changed slug\.js/],
] as const)(
  "a suite on two models, the second %s: the difference is explained",
  async (_, steps, exitCode, said) => {
    await using w = await world(steps);
    await writeFile(w.at("other.toml"), 'model = "gpt-5.2"\neffort = "high"\n');
    const run = await w.quire(
      ...["eval", "suite", SUITE, "--only", "slug-js", "--against", w.at("other.toml"), "--json"],
    );
    expect(run.stdout, run.stderr).not.toBe("");
    expect(run.exitCode).toBe(exitCode);
    expect(JSON.parse(run.stdout)).toMatchObject({
      passed: exitCode,
      differences: [expect.stringMatching(said)],
    });
    const models = w.server.requests.map(({ model, body }) => [
      model,
      (body as { reasoning?: object }).reasoning,
    ]);
    expect(models.at(0)?.[0]).toBe("gpt-5.3-codex");
    expect(models.at(-1)).toEqual(["gpt-5.2", expect.objectContaining({ effort: "high" })]);
  },
);

test("edits by patch and by a whole file: what was written for them stands beside what changed, and is no score", async () => {
  const before = '    .replace(/^_+|_+$/g, "");';
  const after = '    .replace(/^-+|-+$/g, "");';
  const patch = `*** Begin Patch\n*** Update File: slug.js\n@@\n-${before}\n+${after}\n*** End Patch`;
  const source = await readFile(join(SUITE, "slug-js/repository/slug.js"), "utf8");
  const rewrite = `cat > slug.js <<'EOF'\n${source.replace(before, after)}EOF\n`;
  await using w = await world([
    patches(patch),
    says("Fixed."),
    callsTool("exec_command", { cmd: "cat slug.js > /dev/null" }),
    callsTool("exec_command", { cmd: rewrite }),
    says("Fixed."),
  ]);
  await writeFile(w.at("other.toml"), 'model = "gpt-5.2"\n');
  const run = await w.quire(
    ...["eval", "suite", SUITE, "--only", "slug-js", "--against", w.at("other.toml"), "--out", w.at("run")],
    ...["--report", "md"],
  );
  expect(run.exitCode, run.stderr).toBe(0);
  const changed = before.length + after.length + 2;
  const expected = (written: number) => ({ written, changed, written_per_changed: written / changed });
  const rowOf = async (file: string) => JSON.parse(await readFile(w.at(`run/${file}`), "utf8"));
  expect((await rowOf("results.jsonl")).edit_bytes).toEqual(expected(patch.length));
  expect((await rowOf("results-against.jsonl")).edit_bytes).toEqual(expected(rewrite.length));
  const summary = await rowOf("summary.json");
  expect(summary.edit_bytes).toEqual({ ...expected(patch.length), tasks: 1 });
  expect(summary.against.edit_bytes).toEqual({ ...expected(rewrite.length), tasks: 1 });
  const said = `Bytes written per byte changed: ${(patch.length / changed).toFixed(2)} (`;
  expect(run.stdout).toContain(said);
  expect(await readFile(w.at("run/report.md"), "utf8")).toContain(said);
});

test("predictions for SWE-bench: the patch of what the agent changed at the commit, which has no history", async () => {
  await using w = await world([edit("calc.py", "    return a - b", "    return a + b"), says("Fixed.")]);
  const clone = w.at("repos/owner__calc");
  await mkdir(clone, { recursive: true });
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args], {
      cwd: clone,
      encoding: "utf8",
    }).trim();
  git("init", "-q", "-b", "main");
  await writeFile(join(clone, "calc.py"), "def add(a, b):\n    return a - b\n");
  git("add", "-A");
  git("commit", "-qm", "with the bug");
  const base = git("rev-parse", "HEAD");
  await writeFile(join(clone, "calc.py"), "def add(a, b):\n    return a + b\n");
  git("commit", "-qam", "the answer");
  const instance = {
    instance_id: "owner__calc-1",
    repo: "owner/calc",
    base_commit: base,
    problem_statement: "add subtracts",
  };
  await writeFile(w.at("instances.jsonl"), `${JSON.stringify(instance)}\n`);
  const predict = () =>
    w.quire(
      ...["eval", "swebench", "predict", "--data", w.at("instances.jsonl"), "--repos", w.at("repos")],
      ...["--out", w.at("predictions.jsonl")],
    );
  expect((await predict()).exitCode).toBe(0);
  const [prediction, ...more] = (await readFile(w.at("predictions.jsonl"), "utf8")).trim().split("\n");
  expect(more).toEqual([]);
  const { model_patch, ...rest } = JSON.parse(prediction ?? "");
  expect(rest).toEqual({ instance_id: "owner__calc-1", model_name_or_path: "quire" });
  // The harness applies it to the same commit.
  git("checkout", "-q", base);
  await writeFile(w.at("model.patch"), model_patch);
  git("apply", w.at("model.patch"));
  expect(await readFile(join(clone, "calc.py"), "utf8")).toBe("def add(a, b):\n    return a + b\n");
  expect(JSON.stringify(w.server.requests[0]?.body)).not.toContain("the answer");
  // What is predicted is not asked for again.
  expect([(await predict()).exitCode, w.server.requests.length]).toEqual([0, 2]);
});
