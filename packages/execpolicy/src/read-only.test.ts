import { describe, expect, test } from "vitest";
import { classify } from "./classify.ts";
import type { CommandContext } from "./command-context.ts";

const asked: string[] = [];
const context: CommandContext = {
  cwd: "/ws/app",
  home: "/home/dev",
  workspaceRoots: ["/ws"],
  resolveProgram: (name) =>
    name === "absent" ? null : name === "rg" ? { insideWritableRoot: true } : `/usr/bin/${name}`,
  isReadDenied: (path) => {
    asked.push(path);
    return path.includes("/denied/");
  },
};
const verdict = async (command: string, changes: Partial<CommandContext> = {}): Promise<string> =>
  (await classify(command, { ...context, ...changes })).verdict;

describe("where a command may be when it reads", () => {
  const cases: [command: string, expected: string][] = [
    ["cat ../x", "safe"],
    ["cat ../../x", "ask"],
    ["cd lib && cat ../../x", "safe"],
    ["cd lib; cat ../../x", "ask"],
    ["cd lib && ls; cat ../../x", "ask"],
    ["cd lib || ls && cat ../../x", "ask"],
    ["cd lib | cat ../../x", "ask"],
    ["cd .. && cat ../x", "ask"],
    ["cd lib/a/b && cd ../.. && cat ../../x", "safe"],
    ["cd denied && cat x", "ask"],
    ["cat denied/x", "ask"],
    ['cat "$PWD/../../x"', "ask"],
    ['cd lib && cat "$PWD/../../x"', "safe"],
    ["cat ~/x", "ask"],
    ["cat /ws/other/x", "safe"],
    ["cat /wsx/x", "ask"],
    ["cd a; cd b; cd c; cd d; ls", "ask"],
  ];
  test.each(cases)("%s is %s", async (command, expected) => {
    expect(await verdict(command)).toBe(expected);
  });

  test("the hook gets absolute paths with their `..`, so that it can follow links", async () => {
    asked.length = 0;
    await classify("cd lib && cat link/../x", context);
    expect(asked).toContain("/ws/app/lib/link/../x");
  });

  test("a hook for the workspace replaces the comparison of names", async () => {
    expect(await verdict("cat /elsewhere/x", { isOutsideWorkspace: () => false })).toBe("safe");
    expect(await verdict("cat x", { isOutsideWorkspace: () => true })).toBe("ask");
  });

  test("a program in a folder the agent can write asks, and so does a missing one", async () => {
    expect([await verdict("rg x"), await verdict("ls", { resolveProgram: () => null })]).toEqual([
      "ask",
      "ask",
    ]);
  });

  test("an unknown home asks for every path below it", async () => {
    const { home: _home, ...homeless } = context;
    expect([
      (await classify("ls ~", homeless)).verdict,
      (await classify("rm -rf ~", homeless)).verdict,
    ]).toEqual(["ask", "forbid"]);
  });

  test("the answer says what a safe git command requires", async () => {
    expect(await classify("git status && ls", { ...context, gitHardening: true })).toEqual({
      verdict: "safe",
      why: "only reads",
      requires: ["git-hardening"],
      parts: [
        { text: "git status", verdict: "safe", why: "only reads", by: "built-in" },
        { text: "ls", verdict: "safe", why: "only reads", by: "built-in" },
      ],
    });
  });
});
