import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classify, recognizePlain, type Verdict } from "../src/index.ts";
import { CONTEXT } from "./context.ts";

const lines = readFileSync(new URL("./cases/commands.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n");
const entries: { cmd: string; verdict: Verdict }[] = lines.map((line) => JSON.parse(line));
/** Single commands that neither change the folder nor depend on their neighbours. */
const single = entries.filter(
  ({ cmd }) =>
    recognizePlain(cmd).kind === "plain" &&
    !/[\n;|&<]|\bcd\b|pushd|^(?:ba|z|da)?sh |^(?:curl|wget|export|alias|eval|source|\.) /.test(cmd),
);
const ORDER: readonly Verdict[] = ["safe", "ask", "forbid"];

function worst(verdicts: readonly Verdict[]): Verdict {
  return ORDER[Math.max(...verdicts.map((verdict) => ORDER.indexOf(verdict)))] ?? "ask";
}

describe("composition", () => {
  test("the verdict of a chain is that of its most severe part", async () => {
    const chain = fc.array(
      fc.tuple(fc.constantFrom(...single), fc.constantFrom(" && ", " || ", "; ", "\n")),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(chain, async (parts) => {
        const text = parts
          .map(([entry, operator], index) => (index === 0 ? entry.cmd : `${operator}${entry.cmd}`))
          .join("");
        const got = await classify(text, CONTEXT);
        expect({ text, verdict: got.verdict }).toEqual({
          text,
          verdict: worst(parts.map(([entry]) => entry.verdict)),
        });
      }),
      { numRuns: 250 },
    );
  });

  test("a forbidden command stays forbidden inside groups, substitutions, wrappers and nested shells", async () => {
    const forbidden = entries.filter(
      ({ cmd, verdict }) =>
        verdict === "forbid" &&
        /^rm -[a-z]+ [/~]/.test(cmd) &&
        !/['"]/.test(cmd) &&
        recognizePlain(cmd).kind === "plain",
    );
    const wrap = fc.constantFrom<(cmd: string) => string>(
      (cmd) => `( ${cmd} )`,
      (cmd) => `{ ${cmd}; }`,
      (cmd) => `echo "$( ${cmd} )"`,
      (cmd) => `cat <( ${cmd} )`,
      (cmd) => `if true; then ${cmd}; fi`,
      (cmd) => `f() { ${cmd}; }; f`,
      (cmd) => `sudo ${cmd}`,
      (cmd) => `env A=1 ${cmd}`,
      (cmd) => `nice -n 5 ${cmd}`,
      (cmd) => `timeout 5 ${cmd}`,
      (cmd) => `true && ${cmd} &`,
      (cmd) => `while true; do ${cmd}; done`,
      (cmd) => `bash <<'EOF'\n${cmd}\nEOF`,
      (cmd) => `! ${cmd}`,
      (cmd) => `bash -c '${cmd.replaceAll("'", `'"'"'`)}'`,
    );
    // A wrapper only makes sense around a simple command, so the simple ones go first.
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...forbidden), wrap, wrap, async ({ cmd }, inner, outer) => {
        const simple = /^(?:sudo|env|nice|timeout|bash -c) /.test(inner(cmd));
        const text =
          simple || !/^(?:sudo|env|nice|timeout) /.test(outer("x")) ? outer(inner(cmd)) : inner(outer(cmd));
        expect({ text, verdict: (await classify(text, CONTEXT)).verdict }).toEqual({
          text,
          verdict: "forbid",
        });
      }),
      { numRuns: 300 },
    );
  });

  test("quoting a program name never makes a command safer", async () => {
    const quote = fc.constantFrom<(name: string) => string>(
      (name) => `'${name}'`,
      (name) => `"${name}"`,
      (name) => `${name.charAt(0)}''${name.slice(1)}`,
      (name) => `\\${name}`,
      (name) => `${name.slice(0, -1)}"${name.slice(-1)}"`,
      (name) => `$'${name}'`,
      (name) => [...name].map((char) => `\\${char}`).join(""),
    );
    const named = single.filter(({ cmd }) => /^[a-z]+ /.test(cmd));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...named), quote, async ({ cmd, verdict }, change) => {
        const space = cmd.indexOf(" ");
        const text = change(cmd.slice(0, space)) + cmd.slice(space);
        const got = (await classify(text, CONTEXT)).verdict;
        expect({ text, notSafer: ORDER.indexOf(got) >= ORDER.indexOf(verdict) }).toEqual({
          text,
          notSafer: true,
        });
      }),
      { numRuns: 250 },
    );
  });
});

describe("any text", () => {
  const shellText = fc.string({
    unit: fc.constantFrom(
      ..."abr/~-.'\"\\$`(){}[]<>|&;#*?!=:@%\n\t\r \u0000é\u200b",
      "rm -rf ",
      "echo ",
      "$(",
      "<<E\n",
      "ls",
      "bash -c ",
      "sudo ",
    ),
    maxLength: 200,
  });

  test("classify never throws and never calls a damaged text safe", async () => {
    await fc.assert(
      fc.asyncProperty(shellText, async (text) => {
        const got = await classify(text, CONTEXT);
        if (got.verdict === "safe") expect(recognizePlain(text).kind).toBe("plain");
      }),
      { numRuns: 600 },
    );
  });

  test("32 KiB of one pattern are recognised and judged in time", async () => {
    const patterns = [
      "true; ",
      "a|",
      "'a' ",
      "$(",
      "{a,",
      "[",
      "cat <<E\n",
      "a=b ",
      "f(){ f|f& };",
      "for x in a b c;do ",
      "-d@x ",
      "../",
    ];
    for (const pattern of patterns) {
      const text = pattern.repeat(Math.ceil(32_768 / pattern.length)).slice(0, 32_768);
      const started = performance.now();
      recognizePlain(text);
      const recognized = performance.now();
      await classify(text, CONTEXT);
      // Quadratic behaviour takes tens of seconds here; the bounds leave room for a busy machine.
      expect({
        pattern,
        plain: recognized - started < 4_000,
        whole: performance.now() - recognized < 20_000,
      }).toEqual({ pattern, plain: true, whole: true });
    }
  });

  test("a text beyond 32 KiB asks, and its forbidden part is still found", async () => {
    const long = "true; ".repeat(6000);
    expect((await classify(long, CONTEXT)).verdict).toBe("ask");
    expect((await classify(`${long}rm -rf /`, CONTEXT)).verdict).toBe("forbid");
  });
});
