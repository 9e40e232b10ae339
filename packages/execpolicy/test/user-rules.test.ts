import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  classify,
  classifyJsonLines,
  formatPrefixRule,
  matchRules,
  parseRules,
  proposeAmendment,
  RulesError,
} from "../src/index.ts";
import { CONTEXT } from "./context.ts";

const rules = parseRules(
  `prefix_rule(pattern=["npm", "test"])
prefix_rule(pattern=["rm", "-rf"], decision="allow")
prefix_rule(pattern=["cat", "big.log"], decision="prompt", justification="it is 4 GB")
prefix_rule(pattern=["docker"], decision="forbidden", justification="use the CI")
prefix_rule(pattern=["git"], decision="allow")
prefix_rule(pattern=["git", "push"], decision="prompt")`,
  "user.rules",
);
const judge = async (command: string): Promise<[string, string]> => {
  const { verdict, why } = await classify(command, { ...CONTEXT, rules });
  return [verdict, why];
};

describe("rules the user saved", () => {
  test("allow one simple command, by tokens", async () => {
    expect(await judge("npm test -- --watch=false")).toEqual(["safe", "allowed by your rule for `npm test`"]);
    expect(await judge("npm 'test'")).toEqual(["safe", "allowed by your rule for `npm test`"]);
    expect((await judge("npm tests"))[0]).toBe("ask");
    expect((await judge("bash -lc 'npm test'"))[0]).toBe("safe");
  });

  test("never cover a compound, a redirection, a variable in front, a pattern, a substitution or a wrapper", async () => {
    const commands = [
      "npm test && ls",
      "npm test; npm test",
      "npm test | cat",
      "npm test > out",
      "npm test 2>&1",
      "CI=1 npm test",
      "LC_ALL=C npm test",
      "npm test *",
      "npm test $(id)",
      "npm test &",
      "env npm test",
      "sudo npm test",
      "(npm test)",
    ];
    const verdicts = await Promise.all(commands.map(judge));
    expect(verdicts.map(([verdict]) => verdict)).toEqual(commands.map(() => "ask"));
  });

  test("cannot lift a built-in refusal", async () => {
    expect((await judge("rm -rf /"))[0]).toBe("forbid");
    expect((await judge("rm -rf dist"))[0]).toBe("safe");
  });

  test("restrict what would be safe, with the reason, through wrappers, paths and compounds", async () => {
    expect(await judge("cat big.log | head")).toEqual([
      "ask",
      "your rule asks for `cat big.log`: it is 4 GB",
    ]);
    const refused = [
      "docker ps",
      "/usr/bin/docker ps",
      "ls && docker ps",
      "sudo docker ps",
      "echo $(docker ps)",
      "bash -c 'x=1; docker ps'",
    ];
    for (const command of refused)
      expect([command, ...(await judge(command))]).toEqual([
        command,
        "forbid",
        "forbidden by your rule for `docker`: use the CI",
      ]);
  });

  test("the strictest match wins whatever the order", async () => {
    expect((await judge("git commit -m x"))[0]).toBe("safe");
    expect(await judge("git push origin topic")).toEqual(["ask", "your rule asks for `git push`"]);
    expect(await judge("A=1 git push origin topic")).toEqual(["ask", "your rule asks for `git push`"]);
  });

  test("do not apply when the name leads to a file the agent can change", async () => {
    const shadowed = await classify("npm test", {
      ...CONTEXT,
      rules,
      resolveProgram: () => ({ insideWritableRoot: true }),
    });
    expect(shadowed.verdict).toBe("ask");
  });
});

describe("amendments", () => {
  test("formatting and parsing give the tokens back", () => {
    const word = fc.oneof(
      fc.string({ minLength: 0, maxLength: 8 }),
      fc.string({ unit: "binary", maxLength: 8 }),
    );
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 4 }),
        fc.constantFrom("allow", "prompt", "forbidden"),
        (tokens, decision) => {
          // Lone surrogates cannot be written to a UTF-8 file at all.
          fc.pre(tokens.every((token) => !/\p{Surrogate}/u.test(token)));
          const policy = parseRules(formatPrefixRule(tokens, decision, 'why "it" is so'), "x.rules");
          expect(policy.prefixRules).toEqual([
            { pattern: tokens.map((token) => [token]), decision, justification: 'why "it" is so' },
          ]);
          expect(matchRules(policy, [...tokens, "more"])).toHaveLength(1);
        },
      ),
    );
  });

  const proposals: [command: string, prefix: string[] | null][] = [
    ["npm test", ["npm", "test"]],
    ["npm run build -- --prod", ["npm", "run", "build"]],
    ["npm run", null],
    ["npm exec evil", null],
    ["npm --prefix x test", null],
    ["npx tsc", null],
    ["git commit -m x", ["git", "commit"]],
    ["git -c a=b status", null],
    ["git push", null],
    ["cargo build --release", ["cargo", "build"]],
    ["cargo run", null],
    ["gh pr create --fill", ["gh", "pr", "create"]],
    ["pytest -q tests", ["pytest"]],
    ["tsc --noEmit", ["tsc"]],
    ["python3 x.py", null],
    ["node -e 1", null],
    ["bash x.sh", null],
    ["/bin/bash x.sh", null],
    ["sudo ls", null],
    ["env ls", null],
    ["xargs rm", null],
    ["find . -delete", null],
    ["rm -rf dist", null],
    ["curl https://x.example", null],
    ["make all", null],
    ["ssh host", null],
  ];
  test.each(proposals)("for %s", (command, prefix) => {
    expect(proposeAmendment(command.split(" "))).toEqual(prefix);
  });

  test("nothing is proposed for an empty command or deceptive characters", () => {
    expect([proposeAmendment([]), proposeAmendment([""]), proposeAmendment(["npm", "te\u200bst"])]).toEqual([
      null,
      null,
      null,
    ]);
  });
});

test("parsing any text gives rules or a RulesError", () => {
  const source = fc.string({
    unit: fc.constantFrom(
      "prefix_rule",
      "(",
      ")",
      "[",
      "]",
      "pattern",
      "=",
      '"',
      "'",
      "a",
      ",",
      "\n",
      " ",
      "#",
      "\\",
      "+",
      ";",
      "r",
      "1",
      "decision",
      '"allow"',
      "match",
      "host_executable",
      "é",
    ),
    maxLength: 40,
  });
  fc.assert(
    fc.property(source, (text) => {
      try {
        parseRules(text, "f.rules");
      } catch (error) {
        expect(error).toBeInstanceOf(RulesError);
      }
    }),
    { numRuns: 2000 },
  );
});

test("lines of JSON are judged in order, and broken lines ask", async () => {
  const lines = ['{"id":"a","cmd":"ls"}', "", "not json", '{"id":7,"cmd":"rm -rf /"}', '{"id":"c"}', "[]"];
  const answers: unknown[] = [];
  for await (const line of classifyJsonLines(lines, CONTEXT)) answers.push(JSON.parse(line));
  const broken = 'the line is not a JSON object with a text "cmd"';
  expect(answers).toEqual([
    { id: "a", verdict: "safe", why: "only reads" },
    { id: null, verdict: "ask", why: broken },
    { id: 7, verdict: "forbid", why: "deletes the whole file system" },
    { id: "c", verdict: "ask", why: broken },
    { id: null, verdict: "ask", why: broken },
  ]);
});
