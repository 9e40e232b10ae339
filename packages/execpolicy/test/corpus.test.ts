import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { classify, type Verdict } from "../src/index.ts";
import { CONTEXT } from "./context.ts";

interface Entry {
  cmd: string;
  verdict: Verdict;
  tag: string;
}

/**
 * `tricky-commands`: programs with teeth, disguises, and what stands beside them and is harmless. `fresh-commands`: written
 * down with their verdicts before anyone looked at the tables.
 */
const lines = ["commands", "tricky-commands", "fresh-commands"].flatMap((name) =>
  readFileSync(new URL(`./cases/${name}.jsonl`, import.meta.url), "utf8")
    .trim()
    .split("\n"),
);
const entries: Entry[] = lines.map((line) => JSON.parse(line));

describe("the corpus of commands", () => {
  for (const verdict of ["safe", "ask", "forbid"] as const) {
    test(`every command marked ${verdict} is judged ${verdict}`, async () => {
      const wrong: string[] = [];
      const expected = entries.filter((entry) => entry.verdict === verdict);
      for (const { cmd } of expected) {
        const got = await classify(cmd, CONTEXT);
        if (got.verdict !== verdict) wrong.push(`${got.verdict} (${got.why}): ${cmd}`);
      }
      expect({ wrong, enough: expected.length > 200 }).toEqual({ wrong: [], enough: true });
    });
  }

  test("without a hardened runner no git command is safe", async () => {
    const safeGit = entries.filter(
      (entry) => entry.verdict === "safe" && /(?:^|[|&;] *)git /.test(entry.cmd),
    );
    const verdicts = await Promise.all(
      safeGit.map(({ cmd }) => classify(cmd, { ...CONTEXT, gitHardening: false })),
    );
    expect(new Set(verdicts.map((each) => each.verdict))).toEqual(new Set(["ask"]));
  });

  test("when no program can be found, nothing that starts one is safe", async () => {
    const none = { ...CONTEXT, resolveProgram: () => null };
    for (const { cmd } of entries.filter((entry) => entry.verdict === "safe")) {
      const { verdict, parts } = await classify(cmd, none);
      const builtins = parts.every((part) =>
        /^(?:cd |pwd|echo|printf|true|false|:|test|\[|type|command)(?:\b|$| |"|:)/.test(part.text),
      );
      expect({ cmd, verdict }).toEqual({
        cmd,
        verdict: builtins && !/^(?:ba)?sh /.test(cmd) ? "safe" : "ask",
      });
    }
  });
});
