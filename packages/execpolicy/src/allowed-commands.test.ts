import { expect, test } from "vitest";
import { judgeAllowed } from "./allowed-commands.ts";
import { assumeSystemPrograms } from "./classify-lines.ts";

const context = { cwd: "/w", workspaceRoots: ["/w"], resolveProgram: assumeSystemPrograms };
const LIST = [
  "ls",
  "cat",
  "wc",
  "env",
  "xargs",
  "git",
  "python3",
  "python3 -m pytest",
  "find",
  "echo",
  "npm test",
  "rg",
];

const kindOf = async (command: string) => (await judgeAllowed(command, LIST, context)).kind;

test.each([
  "ls -la",
  "ls | wc -l",
  "cat a.txt && echo done",
  "find . -name '*.ts'",
  "python3 -m pytest -q tests",
  "npm test",
  "env ls",
  "ls src | xargs cat",
])("covered: %s", async (command) => {
  expect(await kindOf(command)).toBe("allowed");
});

test.each([
  "rm -rf x",
  "ls; rm x",
  "ls && curl http://example.com",
  "ls | sh",
  "ls $(rm x)",
  "ls `rm x`",
  "ls > out",
  "cat < /etc/passwd",
  "(ls)",
  "python3 -c 'import os; os.system(\"id\")'",
  "python3 evil.py",
  "git -c core.pager='sh -c id' log",
  "git -c alias.x='!id' x",
  "find . -exec rm {} +",
  "find . -delete",
  "env rm x",
  "env -S 'rm x'",
  "ls | xargs rm",
  "xargs -I{} sh -c {}",
  "/bin/ls",
  "./ls",
  "l's' -la; bash",
  "bash -lc 'rm x'",
  "$X",
  "X=1 ls",
  "npm test -- --x",
  "npm install",
  "rg --pre=./evil x",
  "eval ls",
  "ls & rm x",
  "cat <<E\nx\nE",
  "*",
  "ls *",
  "",
])("not covered: %s", async (command) => {
  expect(await kindOf(command)).toBe("refused");
});

test("an entry that would allow every program text allows none", async () => {
  expect(await judgeAllowed("python3 -c 'print(1)'", ["python3 -c"], context)).toEqual({
    kind: "refused",
    why: "python3 can run anything: allow the whole command that is meant",
  });
});

test("a refusal names what is not covered", async () => {
  expect(await judgeAllowed("ls | xargs rm", ["ls", "xargs"], context)).toEqual({
    kind: "refused",
    why: "rm is not among the allowed commands",
  });
});
