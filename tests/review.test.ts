import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, runQuire, type Step, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { completedItems, type ExecWorld, execWorld, type WorldOptions } from "./support/exec-world.ts";

function finding(file: string, start: number, end = start, more: object = {}) {
  return {
    title: "[P1] Wrong word",
    body: "two is not one.\n\nAt all.",
    confidence_score: 0.9,
    priority: 1,
    code_location: { absolute_file_path: file, line_range: { start, end } },
    ...more,
  };
}

function answer(findings: readonly object[]): string {
  const overall = { overall_correctness: "patch is incorrect", overall_confidence_score: 0.8 };
  return JSON.stringify({ findings, ...overall, overall_explanation: "It breaks the word." });
}

/** A world whose script is made after it, when the repository's path is known. */
async function changedWorld(options: WorldOptions, changes: Record<string, string>): Promise<ExecWorld> {
  const world = await execWorld({ ...options, files: { "a.txt": "one\n", "b.txt": "b\n" } });
  for (const [file, text] of Object.entries(changes)) {
    await writeFile(join(world.repository.path, file), text);
  }
  return world;
}

test("a review shows its findings in words, as Codex does, and looks without being able to write", async () => {
  const steps: Step[] = [];
  await using world = await changedWorld({ steps }, { "a.txt": "two\n", "new.txt": "fresh\n" });
  const root = world.repository.path;
  steps.push(
    callsTool("exec_command", { cmd: "cat a.txt; echo x > written.txt" }),
    callsTool("apply_patch", { input: "*** Begin Patch\n*** End Patch" }),
    says(
      answer([
        finding(`${root}/a.txt`, 1),
        finding(`${root}/new.txt`, 1, 1, { title: "Second", priority: 3 }),
      ]),
    ),
  );
  const run = await world.exec(["review"]);
  expect({ exitCode: run.exitCode, stdout: run.stdout }).toEqual({
    exitCode: 0,
    stdout: `It breaks the word.

Full review comments:

- [P1] Wrong word — ${root}/a.txt:1-1
  two is not one.

  At all.

- Second — ${root}/new.txt:1-1
  two is not one.

  At all.
`,
  });
  const [request] = world.server.requests;
  expect(request?.tools.map(({ name }) => name)).toEqual(["exec_command", "view_image", "write_stdin"]);
  expect(request?.inputTexts.at(-1)).toMatch(
    /Review the uncommitted changes.*-one\n\+two\n.*\+\+\+ b\/new\.txt\n@@ -0,0 \+1,1 @@\n\+fresh/s,
  );
  expect(request?.inputTexts[0]).toContain("Sandbox mode: read-only");
  await expect(world.repository.read("written.txt")).rejects.toThrow();
  const usage = await runQuire(["usage", "--by", "agent", "--csv"], { home: world.home.path });
  expect(usage.stdout).toMatch(/^review,3,0,/m);
});

test("the JSON stream has the words as the message and the findings as an item; strays are named, not hidden", async () => {
  const steps: Step[] = [];
  await using world = await changedWorld({ steps }, { "a.txt": "two\n" });
  const root = world.repository.path;
  steps.push(
    says(
      `Here it is:\n\`\`\`json\n${answer([
        finding(`${root}/a.txt`, 1),
        finding("b.txt", 1),
        finding(`${root}/a.txt`, 40, 41),
        finding("/etc/passwd", 1),
        { title: "No place" },
      ])}\n\`\`\``,
    ),
  );
  const { run, events } = await world.execJson(["review", "--uncommitted", "-o", "../review.txt"]);
  expect(run.exitCode).toBe(0);
  const items = completedItems(events);
  expect(items.map(({ type }) => type)).toEqual(["agent_message", "review"]);
  expect(items[1]).toEqual({
    id: "review",
    type: "review",
    findings: [finding(`${root}/a.txt`, 1)],
    dropped: [
      expect.objectContaining({ reason: "b.txt is not among the changed files" }),
      expect.objectContaining({ reason: "lines 40-41 of a.txt are not within the changes" }),
      expect.objectContaining({ reason: "/etc/passwd:1-1 is outside the repository" }),
      { title: "No place", body: "", reason: "it has no usable code_location" },
    ],
    overall_correctness: "patch is incorrect",
    overall_explanation: "It breaks the word.",
    overall_confidence_score: 0.8,
  });
  const text = items[0]?.type === "agent_message" ? items[0].text : "";
  expect(text).toMatch(/^It breaks the word\.\n\nReview comment:\n\n- \[P1\] Wrong word — .*Left out/s);
  expect(await readFile(join(root, "../review.txt"), "utf8")).toBe(text);
  expect(events.at(-1)?.type).toBe("turn.completed");
});

test("--base compares with the merge base, --commit with the parent, also for a first commit", async () => {
  await using world = await changedWorld({ script: { afterwards: says(answer([])) } }, {});
  const { repository } = world;
  await repository.git("checkout", "-qb", "work");
  await writeFile(join(repository.path, "a.txt"), "work\n");
  await repository.git("commit", "-qam", "work");
  await writeFile(join(repository.path, "b.txt"), "not committed\n");
  expect(await world.exec(["review", "--base", "main"])).toMatchObject({
    exitCode: 0,
    stdout: "It breaks the word.\n",
  });
  await world.exec(["review", "--commit", "HEAD", "--title", "The work"]);
  await world.exec(["review", "--commit", "HEAD^"]);
  const [base, commit, first] = world.server.requests.map(({ inputTexts }) => inputTexts.at(-1) ?? "");
  expect(base).toMatch(/since the merge base [0-9a-f]{12} with main.*\+work.*\+not committed/s);
  expect(commit).toMatch(/the commit [0-9a-f]{12} \("The work"\).*-one\n\+work/s);
  expect(commit).not.toContain("not committed");
  expect(first).toMatch(/new file mode.*\+one/s);
  const unknown = await world.exec(["review", "--base", "nowhere"]);
  expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('"nowhere"') });
});

test("a review with words of its own, an answer without JSON, and nothing to review", async () => {
  await using world = await changedWorld({ script: { afterwards: says("Looks fine to me.") } }, {});
  const nothing = await world.exec(["review"]);
  expect(nothing).toMatchObject({
    exitCode: 0,
    stdout: "There is nothing to review: the uncommitted changes are empty.\n",
  });
  expect(world.server.requests).toHaveLength(0);
  const words = await world.execJson(["review", "Is a.txt spelled well?"]);
  expect(words.run.exitCode).toBe(0);
  expect(world.server.requests[0]?.inputTexts.at(-1)).toContain("Is a.txt spelled well?");
  expect(completedItems(words.events)).toMatchObject([
    { type: "agent_message", text: "Looks fine to me." },
    { type: "error", code: "review_unstructured" },
  ]);
  const both = await world.exec(["review", "--uncommitted", "and this"]);
  expect(both).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("only one of") });
  const stray = await world.exec(["--base", "main", "go"]);
  expect(stray).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("quire review") });
});

test("quire review is a command of its own; the repository's configuration runs nothing", async () => {
  await using world = await changedWorld({ script: { afterwards: says(answer([])) } }, { "a.txt": "two\n" });
  const { path } = world.repository;
  const canary = join(world.home.path, "canary");
  await world.repository.git("config", "core.fsmonitor", `touch ${canary}; false`);
  await world.repository.git("config", "diff.external", `touch ${canary}`);
  await mkdir(join(path, "deep"));
  const run = await world.quire(["review"], { cwd: join(path, "deep") });
  expect(run).toMatchObject({ exitCode: 0, stdout: "It breaks the word.\n" });
  await expect(readFile(canary)).rejects.toMatchObject({ code: "ENOENT" });
  const nowhere = await world.exec(["review", "--base", "nowhere"]);
  expect(nowhere).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("[usage_invalid]") });
  const elsewhere = await runQuire(["review"], { home: world.home.path, env: { TEST_KEY: "k" } });
  expect(elsewhere).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("[not_a_repository]") });
  // What was refused has left no thread behind; the review, and the thread that the reviewer had, are there.
  const logs = await readdir(join(world.quireHome, "sessions"), { recursive: true });
  expect(logs.filter((name) => name.endsWith(".jsonl"))).toHaveLength(2);
});
