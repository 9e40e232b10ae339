import { describe, expect, test } from "vitest";
import { runExecpolicyCheck } from "../src/index.ts";

const RULES = `# what the team allows
prefix_rule(pattern=["git", ["status", "log"]], decision="allow", justification="reads",
  match=["git status", ["git", "log", "-n"]], not_match=["git push"])
prefix_rule(pattern=["git"], decision="prompt")
prefix_rule(pattern=["rm", "-rf"], decision="forbidden", justification="no")
prefix_rule(pattern=["ls"])
host_executable(name="git", paths=["/usr/bin/git"])
`;

/** Runs the check over one or more in-memory files called a.rules, b.rules … */
async function check(
  files: string | string[],
  command: string[],
  options: { pretty?: boolean; resolve?: boolean } = {},
) {
  const sources = (Array.isArray(files) ? files : [files]).map(
    (source, index) => [`${"abc"[index]}.rules`, source] as const,
  );
  const byName = new Map<string, string>(sources);
  return runExecpolicyCheck(
    {
      rules: [...byName.keys()],
      command,
      pretty: options.pretty === true,
      resolveHostExecutables: options.resolve === true,
    },
    {
      cwd: "/ws/project",
      readText: (path) => byName.get(path) ?? "",
    },
  );
}

const printed = async (...args: Parameters<typeof check>): Promise<string> => {
  const output = await check(...args);
  expect({ exitCode: output.exitCode, stderr: output.stderr }).toEqual({ exitCode: 0, stderr: "" });
  return output.stdout.trimEnd();
};

describe("execpolicy check prints what the established tool prints", () => {
  const cases: [command: string[], resolve: boolean, json: string][] = [
    [
      ["git", "status"],
      false,
      '{"matchedRules":[{"prefixRuleMatch":{"matchedPrefix":["git","status"],"decision":"allow","justification":"reads"}},{"prefixRuleMatch":{"matchedPrefix":["git"],"decision":"prompt"}}],"decision":"prompt"}',
    ],
    [
      ["rm", "-rf", "x"],
      false,
      '{"matchedRules":[{"prefixRuleMatch":{"matchedPrefix":["rm","-rf"],"decision":"forbidden","justification":"no"}}],"decision":"forbidden"}',
    ],
    [
      ["ls"],
      false,
      '{"matchedRules":[{"prefixRuleMatch":{"matchedPrefix":["ls"],"decision":"allow"}}],"decision":"allow"}',
    ],
    [["unknown"], false, '{"matchedRules":[]}'],
    [
      ["git"],
      false,
      '{"matchedRules":[{"prefixRuleMatch":{"matchedPrefix":["git"],"decision":"prompt"}}],"decision":"prompt"}',
    ],
    [["bash", "-lc", "git status"], false, '{"matchedRules":[]}'],
    [["/usr/bin/git", "push"], false, '{"matchedRules":[]}'],
    [
      ["/usr/bin/git", "push"],
      true,
      '{"matchedRules":[{"prefixRuleMatch":{"matchedPrefix":["git"],"decision":"prompt","resolvedProgram":"/usr/bin/git"}}],"decision":"prompt"}',
    ],
    [
      ["/usr/bin/../bin/git", "log"],
      true,
      '{"matchedRules":[{"prefixRuleMatch":{"matchedPrefix":["git","log"],"decision":"allow","resolvedProgram":"/usr/bin/git","justification":"reads"}},{"prefixRuleMatch":{"matchedPrefix":["git"],"decision":"prompt","resolvedProgram":"/usr/bin/git"}}],"decision":"prompt"}',
    ],
    [["/opt/git", "status"], true, '{"matchedRules":[]}'],
    [
      ["/opt/ls", "-l"],
      true,
      '{"matchedRules":[{"prefixRuleMatch":{"matchedPrefix":["ls"],"decision":"allow","resolvedProgram":"/opt/ls"}}],"decision":"allow"}',
    ],
    [
      ["./ls"],
      true,
      '{"matchedRules":[{"prefixRuleMatch":{"matchedPrefix":["ls"],"decision":"allow","resolvedProgram":"/ws/project/ls"}}],"decision":"allow"}',
    ],
    [
      ["../x/ls"],
      true,
      '{"matchedRules":[{"prefixRuleMatch":{"matchedPrefix":["ls"],"decision":"allow","resolvedProgram":"/ws/x/ls"}}],"decision":"allow"}',
    ],
  ];
  test.each(cases)("%j resolve=%j", async (command, resolve, json) => {
    expect(await printed(RULES, command, { resolve })).toBe(json);
  });

  test("pretty output is indented by two blanks", async () => {
    const once = JSON.parse(await printed(RULES, ["git", "status"]));
    expect(await printed(RULES, ["git", "status"], { pretty: true })).toBe(JSON.stringify(once, null, 2));
  });

  test("a rule for the path as written hides rules for its base name; later files add up", async () => {
    const json = await printed([RULES, 'prefix_rule(pattern=["./ls"], decision="prompt")'], ["./ls"], {
      resolve: true,
    });
    expect(json).toBe(
      '{"matchedRules":[{"prefixRuleMatch":{"matchedPrefix":["./ls"],"decision":"prompt"}}],"decision":"prompt"}',
    );
    expect(JSON.parse(await printed([RULES, RULES], ["ls"])).matchedRules).toHaveLength(2);
  });

  test("the last host_executable of a name counts, and an empty list allows no path", async () => {
    const rule = 'prefix_rule(pattern=["git"])\n';
    const none = '{"matchedRules":[]}';
    expect(
      await printed(`${rule}host_executable(name="git", paths=[])`, ["/usr/bin/git"], { resolve: true }),
    ).toBe(none);
    const two = `${rule}host_executable(name="git", paths=["/a/git"])\nhost_executable(name="git", paths=["/b/git"])`;
    expect(await printed(two, ["/a/git"], { resolve: true })).toBe(none);
    expect(JSON.parse(await printed(two, ["/b/git"], { resolve: true })).decision).toBe("allow");
  });

  test("strings, names and arguments in the forms of Starlark", async () => {
    const source = `"a note"\nBASE = ["git"]\nprefix_rule(BASE + [r"a\\b", 'q\\x41\\u00e9'], "prompt", ["git 'a\\\\b' qAé"], ["hg"], '''two\nlines''',); prefix_rule(pattern=["z"],)`;
    expect(await printed(source, ["git", "a\\b", "qAé"])).toBe(
      '{"matchedRules":[{"prefixRuleMatch":{"matchedPrefix":["git","a\\\\b","qAé"],"decision":"prompt","justification":"two\\nlines"}}],"decision":"prompt"}',
    );
    expect(JSON.parse(await printed(source, ["z"])).decision).toBe("allow");
  });
});

describe("execpolicy check refuses", () => {
  const broken: [source: string, cause: string][] = [
    [
      'prefix_rule(pattern=["git"], decision="deny")',
      'a.rules:1:39: invalid decision: deny. Write "allow", "prompt" or "forbidden"',
    ],
    [
      "prefix_rule(pattern=[])",
      "a.rules:1:21: invalid pattern element: pattern cannot be empty. Name at least the program",
    ],
    [
      'prefix_rule(pattern="git")',
      "a.rules:1:21: type of parameter `pattern` doesn't match, expected list, actual string. Write a list",
    ],
    [
      'prefix_rule(pattern=["git", 3])',
      'a.rules:1:29: invalid pattern element: pattern element must be a string or list of strings (got int). Write "token" or ["token", "alternative"]',
    ],
    [
      'prefix_rule(pattern=["git", []])',
      "a.rules:1:29: invalid pattern element: pattern alternatives cannot be empty. Name at least one alternative",
    ],
    [
      'prefix_rule(pattern=["git"], foo="x")',
      "a.rules:1:30: found `foo` extra named parameter for call to prefix_rule. It takes pattern, decision, match, not_match, justification",
    ],
    [
      'prefix_rule(pattern=["git"], justification=" ")',
      "a.rules:1:44: invalid rule: justification cannot be empty. Say why, or leave it out",
    ],
    [
      'prefix_rule(decision="allow")',
      "a.rules:1:1: missing parameter `pattern` for call to `prefix_rule`. Add pattern=…",
    ],
    [
      '\n  prefix_rule(pattern=["git"], match=[\n    "git x",\n    "hg y"])',
      "a.rules:4:5: expected every example to match; unmatched example: hg y. Correct the pattern, or move the example to not_match",
    ],
    [
      'prefix_rule(pattern=["git"], not_match=[["git", "a b"]])',
      "a.rules:1:41: expected example to not match the rule: git 'a b'. Narrow the pattern, or move the example to match",
    ],
    [
      'prefix_rule(pattern=["git"], match=[\'git "x\'])',
      "a.rules:1:37: invalid example: example string has invalid shell syntax. Close its quotes",
    ],
    [
      'prefix_rule(pattern=["git"], match=[""])',
      "a.rules:1:37: invalid example: example cannot be an empty string. Write a command",
    ],
    [
      'prefix_rule(pattern=["git"',
      "a.rules:1:27: unexpected end of file in the list. Separate items by `,` and close the list with `]`",
    ],
    [
      'rule(pattern=["git"])',
      "a.rules:1:1: `rule` is not a rule. Write one of prefix_rule, host_executable, network_rule",
    ],
    [
      'for p in ["a"]:\n  prefix_rule(pattern=[p])',
      "a.rules:1:1: `for` is not supported. Rules files hold calls, lists, strings and assignments to names only; write the rules out one by one",
    ],
    [
      "prefix_rule(pattern=[NAME])",
      "a.rules:1:22: the name `NAME` is not defined. Assign it above, or put the text into quotes",
    ],
    [
      'prefix_rule(pattern=["git" "x"])',
      'a.rules:1:28: unexpected string "x" in the list. Separate items by `,` and close the list with `]`',
    ],
    [
      'prefix_rule(pattern=["a"]) prefix_rule(pattern=["b"])',
      "a.rules:1:28: unexpected text after the statement. Put each rule on a line of its own",
    ],
    ['prefix_rule(pattern=["a])', 'a.rules:1:22: this string is never closed. Add " at its end'],
    [
      'host_executable(name="git", paths=["bin/git"])',
      "a.rules:1:36: invalid rule: host_executable paths must be absolute (got bin/git). Begin the path with /",
    ],
    [
      'host_executable(name="git", paths=["/usr/bin/hg"])',
      "a.rules:1:36: invalid rule: host_executable path `/usr/bin/hg` must have basename `git`. Correct the path or the name",
    ],
    [
      'host_executable(name="/git", paths=[])',
      'a.rules:1:22: invalid rule: host_executable name must be a bare executable name (got /git). Write a name without folders, such as "git"',
    ],
    [
      'network_rule(host="x.example/", protocol="https", decision="allow")',
      "a.rules:1:19: invalid rule: network_rule host must be a hostname or IP literal (without scheme or path). Name one host",
    ],
  ];
  test.each(broken)("%s", async (source, cause) => {
    expect(await check(source, ["git"])).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: `Error: failed to parse policy at a.rules\n\nCaused by:\n    ${cause}\n`,
    });
  });

  test("a file that cannot be read, and missing arguments", async () => {
    const input = {
      cwd: "/",
      readText: () => {
        throw new Error("No such file or directory");
      },
    };
    expect(await runExecpolicyCheck({ rules: ["x.rules"], command: ["ls"] }, input)).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: "Error: failed to read policy at x.rules\n\nCaused by:\n    No such file or directory\n",
    });
    const missing = [
      await runExecpolicyCheck({ rules: [], command: ["ls"] }, input),
      await runExecpolicyCheck({ rules: ["x"], command: [] }, input),
    ];
    expect(missing.map(({ exitCode, stderr }) => [exitCode, stderr.split("\n")[1]])).toEqual([
      [2, "  --rules <PATH>"],
      [2, "  <COMMAND>..."],
    ]);
  });
});
