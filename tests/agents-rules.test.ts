import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ExecEvent, ExecItem } from "@quire/protocol";
import { callsTool, patches, runQuire, type Step, says, temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { type ExecWorld, execWorld, type WorldOptions } from "./support/exec-world.ts";

const git = promisify(execFile);

async function world(rules: string, steps: Step[], options: WorldOptions = {}): Promise<ExecWorld> {
  return execWorld({
    steps,
    git: true,
    files: {
      "AGENTS.md": rules,
      "src/a.ts": "export const a = 1;\n",
      "check.sh": "exit 0\n",
      ...options.files,
    },
  });
}

function itemsOf(events: readonly ExecEvent[]): ExecItem[] {
  return events.flatMap((event) => (event.type === "item.completed" ? [event.item] : []));
}

function checksOf(events: readonly ExecEvent[]) {
  return itemsOf(events).flatMap((item) =>
    item.type === "rule_check"
      ? [
          {
            outcome: item.outcome,
            told: item.handed_back,
            checks: item.checks.map(({ line, outcome, evidence }) => `${line} ${outcome}: ${evidence}`),
          },
        ]
      : [],
  );
}

const ADD = (name: string, line: string) =>
  patches(`*** Begin Patch\n*** Add File: ${name}\n+${line}\n*** End Patch\n`);

test("patches and commands that break a rule are refused with its text, and nothing is changed", async () => {
  const rules = "# Rules\n\n- Only modify `src/`.\n- Do not use `any`.\n- Never run `git push`.\n";
  await using run = await world(rules, [
    ADD("notes.md", "x"),
    ADD("src/b.ts", "export const b: any = 1;"),
    callsTool("exec_command", { cmd: "echo ok && git push origin main" }),
    ADD("src/b.ts", "export const b = 1;"),
    says("Done."),
  ]);
  const { run: ended, events } = await run.execJson(["add b"]);
  expect(ended.exitCode).toBe(0);
  const file = join(run.repository.path, "AGENTS.md");
  const told = run.server.requests.slice(1, 4).map(({ toolOutputs }) => toolOutputs.at(-1)?.split("\n")[0]);
  expect(told).toEqual([
    `Not done: this patch changes notes.md. ${file}:3 says: Only modify \`src/\`.`,
    `Not done: src/b.ts:1 adds any: export const b: any = 1;. ${file}:4 says: Do not use \`any\`.`,
    `Not done: this runs git push. ${file}:5 says: Never run \`git push\`.`,
  ]);
  const codes = itemsOf(events).map((item) => ("error" in item && item.error ? item.error.code : item.type));
  expect(codes).toEqual([
    "rule_violated",
    "rule_violated",
    "rule_violated",
    "file_change",
    "agent_message",
    "rule_check",
  ]);
  expect(checksOf(events)).toEqual([
    {
      outcome: "passed",
      told: false,
      checks: ["3 passed: 1 changed file looked at", "4 passed: 1 changed file looked at"],
    },
  ]);
  expect(await readFile(join(run.repository.path, "src/b.ts"), "utf8")).toBe("export const b = 1;\n");
  const { stdout } = await git("git", ["status", "--porcelain"], { cwd: run.repository.path });
  expect(stdout.trim()).toBe("?? src/b.ts");
});

test("what commands changed is found when the turn ends, given back, and seen again when it is put right", async () => {
  await using run = await world(
    "Never modify `gen/`.\n",
    [
      callsTool("exec_command", { cmd: "python3 -c \"open('gen/x.txt','w').write('new')\"" }),
      says("Done."),
      callsTool("exec_command", { cmd: "python3 -c \"open('gen/x.txt','w').write('old')\"" }),
      says("Put back."),
    ],
    { files: { "gen/x.txt": "old" } },
  );
  const { events } = await run.execJson(["go"]);
  expect(checksOf(events)).toEqual([
    { outcome: "failed", told: true, checks: ["1 failed: it changes gen/x.txt"] },
  ]);
  expect(run.server.requests[2]?.inputTexts.at(-1)).toMatch(
    /^<rule_check>[\s\S]*AGENTS\.md:1 says: Never modify `gen\/`\.\n {2}Not kept: it changes gen\/x\.txt\./,
  );
  expect(run.server.requests).toHaveLength(4);
});

test("a command that has to run: not run, failing, in a pipe, before the last edit, and in the end well", async () => {
  await using run = await world("Run `sh check.sh` before finishing.\n", [
    ADD("src/b.ts", "1"),
    says("Done."),
    callsTool("exec_command", { cmd: "sh check.sh | tail -3" }),
    says("Done, really."),
    callsTool("exec_command", { cmd: "sh check.sh" }),
    says("Checked."),
  ]);
  const { events } = await run.execJson(["go"]);
  expect(checksOf(events)).toEqual([
    { outcome: "failed", told: true, checks: ["1 failed: `sh check.sh` did not run in this turn"] },
    {
      outcome: "failed",
      told: true,
      checks: ["1 failed: `sh check.sh`: its exit code was lost in a pipe; run it by itself"],
    },
    {
      outcome: "passed",
      told: false,
      checks: ["1 passed: `sh check.sh` ended with exit code 0 after the last change"],
    },
  ]);
});

test("a model that does not heed it is told twice at most, and the failure stays visible", async () => {
  await using run = await world(
    "Run `sh check.sh` before finishing.\nEvery change in src/ needs a test in tests/.\n",
    [
      callsTool("exec_command", { cmd: "sh check.sh" }),
      ADD("src/b.ts", "1"),
      says("Done."),
      callsTool("exec_command", { cmd: "sh check.sh; exit 3" }),
      says("No."),
      says("Still no."),
    ],
  );
  const { run: ended, events } = await run.execJson(["go"]);
  expect(ended.exitCode).toBe(0);
  const noTest = "2 failed: src/b.ts changed and no test did";
  expect(checksOf(events)).toEqual([
    {
      outcome: "failed",
      told: true,
      checks: ["1 failed: files were changed after `sh check.sh` ran", noTest],
    },
    {
      outcome: "failed",
      told: true,
      checks: ["1 failed: `sh check.sh`: what came after it hides its exit code; run it by itself", noTest],
    },
    {
      outcome: "failed",
      told: false,
      checks: ["1 failed: `sh check.sh`: what came after it hides its exit code; run it by itself", noTest],
    },
  ]);
  expect(run.server.requests).toHaveLength(6);
});

test("a turn that changes nothing, and prose, cost no request and no item", async () => {
  await using run = await world("Run `npm test` before finishing.\nNever run `ls` unless asked.\n", [
    callsTool("exec_command", { cmd: "ls" }),
    says("One file."),
  ]);
  const { events } = await run.execJson(["look"]);
  expect(itemsOf(events).map(({ type }) => type)).toEqual(["command_execution", "agent_message"]);
  expect(run.server.requests).toHaveLength(2);
});

const DOCUMENT = `# Rules

- Never run \`git push\`.
- Be kind to the reader.
- Run \`npm run nothing\` before finishing.
- Only modify \`src/\`.
- Look into \`src/gone.ts\` and \`src/a.ts\`.
- Never run \`git push\`.
- Do not use \`any\` unless you have to.
- Never modify \`src/\`.

\`\`\`quire-rules
fly
\`\`\`
`;

test("quire agents rules and quire context say which statements bind", async () => {
  await using run = await world(DOCUMENT, []);
  const report = await run.quire(["agents", "rules", "--json"]);
  const { statements, counts } = JSON.parse(report.stdout);
  expect(counts).toEqual({ enforced: 5, partly: 0, prose: 3, invalid: 1 });
  expect(
    statements.map(({ line, kinds }: { line: number; kinds: string[] }) => `${line} ${kinds.join()}`),
  ).toEqual([
    "3 never_command",
    "4 ",
    "5 run_command",
    "6 only_paths",
    "7 ",
    "8 never_command",
    "9 ",
    "10 never_paths",
    "13 ",
  ]);
  const words = await run.quire(["agents", "rules"]);
  expect(words.stdout).toContain("✓    3  Never run `git push`.  [never_command]");
  expect(words.stdout).toContain(
    "·    9  Do not use `any` unless you have to.  [it leaves room for judgement]",
  );
  const context = await run.quire(["context"]);
  expect(context.stdout).toContain(
    "AGENTS.md: 5 statements enforced, 0 in part, 3 prose, 1 invalid (quire agents rules)",
  );
});

test("quire agents lint finds what is wrong, and runs nothing", async () => {
  await using run = await world(DOCUMENT, [], {
    files: { "package.json": '{"scripts":{"test":"touch canary"}}' },
  });
  const lint = await runQuire(["agents", "lint", "--json"], {
    cwd: run.repository.path,
    home: run.home.path,
  });
  expect(lint.exitCode).toBe(1);
  const { ok, findings } = JSON.parse(lint.stdout);
  expect(ok).toBe(false);
  expect(
    findings.map((each: Record<string, unknown>) => `${each.line} ${each.severity} ${each.code}`),
  ).toEqual([
    "5 warning command_missing",
    "7 warning path_missing",
    "8 warning duplicate",
    "9 note not_checkable",
    "10 error contradiction",
    "13 error invalid_rule",
  ]);
  await using clean = await world("Read `src/a.ts` first.\n", []);
  const good = await runQuire(["agents", "lint"], { cwd: clean.repository.path, home: clean.home.path });
  expect([good.exitCode, good.stdout]).toEqual([0, "0 errors, 0 warnings, 0 notes in 1 files\n"]);
  const hidden = await world(`a${"\u200b"}b ${"word ".repeat(2000)}\n`, []);
  await using _ = hidden;
  const bad = await runQuire(["agents", "lint"], { cwd: hidden.repository.path, home: hidden.home.path });
  expect(bad.exitCode).toBe(1);
  expect(bad.stdout).toMatch(/\[hidden_characters\][\s\S]*about 25\d\d tokens[\s\S]*\[too_long\]/);
});

test("project_doc_rules = off leaves the rules to the model", async () => {
  await using run = await world("Never modify `src/`.\n", [ADD("src/b.ts", "1"), says("Done.")]);
  const { events } = await run.execJson(["-c", 'project_doc_rules="off"', "go"]);
  expect(itemsOf(events).map(({ type }) => type)).toEqual(["file_change", "agent_message"]);
});

test("where nobody can tell what commands changed, a rule ends as unchecked and not as kept", async () => {
  await using run = await world("x", [callsTool("exec_command", { cmd: "touch made.txt" }), says("Done.")]);
  await using folder = await temporaryDirectory("no-repository-");
  await writeFile(join(folder.path, "AGENTS.md"), "Only modify `src/`.\n");
  const args = ["--skip-git-repo-check", "--sandbox", "workspace-write", "go"];
  const { events } = await run.execJson(args, { cwd: folder.path });
  expect(checksOf(events)).toEqual([
    {
      outcome: "unchecked",
      told: false,
      checks: ["1 unchecked: what commands changed is not known: this is no git repository"],
    },
  ]);
});
