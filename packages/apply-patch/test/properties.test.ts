import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { applyPatch } from "../src/apply.ts";
import { parsePatch } from "../src/parse.ts";
import { planPatch } from "../src/plan.ts";
import { randomCase, seededRandom } from "./random-patches.ts";
import { makeWorkspace, readFiles } from "./workspace.ts";

const lineText = fc.string({ unit: "binary", maxLength: 12 }).filter((text) => !/[\n\r]/.test(text));

interface Edit {
  readonly text: string;
  readonly fate: "keep" | "remove" | "replace";
  readonly added: readonly string[];
}

const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({
    text: lineText,
    fate: fc.constantFrom("keep", "keep", "remove", "replace"),
    added: fc.array(lineText, { maxLength: 2 }),
  }),
  { minLength: 1, maxLength: 25 },
);

test("random edits become a patch that gives exactly the wanted bytes", async () => {
  const ending = fc.constantFrom("\n", "\r\n");
  await fc.assert(
    fc.asyncProperty(edits, ending, fc.boolean(), fc.boolean(), async (lines, eol, finalEnding, bom) => {
      // The last line stays, so that the rule for its ending is not what is tested here.
      const all: Edit[] = [...lines, { text: "last", fate: "keep", added: [] }];
      const numbered = all.map((edit, index) => ({ ...edit, text: `${index}:${edit.text}` }));
      const chunk: string[] = [];
      const target: string[] = [];
      for (const { text, fate, added } of numbered) {
        chunk.push(fate === "keep" ? ` ${text}` : `-${text}`);
        if (fate === "keep") target.push(text);
        for (const line of fate === "replace" ? ["new", ...added] : []) {
          chunk.push(`+${line}`);
          target.push(line);
        }
      }
      const join = (texts: readonly string[]): string =>
        Buffer.from((bom ? "\ufeff" : "") + texts.join(eol) + (finalEnding ? eol : "")).toString("latin1");
      using space = makeWorkspace({ "f.txt": join(numbered.map(({ text }) => text)) });
      const patch = ["*** Begin Patch", "*** Update File: f.txt", "@@", ...chunk, "*** End Patch"].join("\n");
      const outcome = await applyPatch(patch, { cwd: space.root, durable: false });
      expect(outcome).toMatchObject({ ok: true });
      expect(space.read()).toEqual({ "f.txt": join(target) });
    }),
    { numRuns: 150 },
  );
});

test("bytes outside of the changed line survive whatever they are", async () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(bytes, bytes, async (head, tail) => {
      const before = `x${Buffer.from(head).toString("latin1")}\n`;
      const after = `\n${Buffer.from(tail).toString("latin1")}`;
      fc.pre(!/(^|\n)needle/.test(before));
      using space = makeWorkspace({ "f.bin": `${before}needle${after}` });
      const patch = "*** Begin Patch\n*** Update File: f.bin\n@@\n-needle\n+found\n*** End Patch";
      await applyPatch(patch, { cwd: space.root, durable: false });
      expect(space.read()).toEqual({ "f.bin": `${before}found${after}` });
    }),
    { numRuns: 150 },
  );
});

test("a patch is applied as a whole or not at all, and touches only the files it names", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), async (seed) => {
      const { files, patch } = randomCase(seededRandom(seed));
      const original = { ...Object.fromEntries(files), "bystander.txt": "b", ".git/config": "c" };
      using space = makeWorkspace(original);
      const outcome = await applyPatch(patch, { cwd: space.root, durable: false });
      const now = space.read();
      const named = new Set(outcome.ok ? outcome.applied.changes.flatMap((c) => [c.path, c.movePath]) : []);
      const others = (all: Readonly<Record<string, string>>) =>
        Object.fromEntries(
          Object.entries(all)
            .filter(([name]) => !named.has(name) && !name.endsWith("/"))
            .sort(),
        );
      expect(others(now)).toEqual(others(original));
    }),
    { numRuns: 200 },
  );
});

test("the diffs that are reported are what happened: git applies them to the same result", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), async (seed) => {
      const { files, patch } = randomCase(seededRandom(seed));
      fc.pre(![...files.values()].some((text) => /\u00ff/.test(text)));
      using space = makeWorkspace(Object.fromEntries(files));
      const planned = planPatch(patch, { cwd: space.root });
      fc.pre(planned.ok && planned.plan.changes.every((change) => change.overwrote !== true));
      if (!planned.ok) return;
      const copy = path.join(path.dirname(space.root), "copy");
      fs.cpSync(space.root, copy, { recursive: true });
      const diff = planned.plan.changes.map((change) => change.diff).join("");
      if (diff !== "") {
        const env = { PATH: process.env.PATH ?? "", GIT_CEILING_DIRECTORIES: path.dirname(copy) };
        execFileSync("git", ["apply", "--whitespace=nowarn", "-"], { cwd: copy, input: diff, env });
      }
      await applyPatch(patch, { cwd: space.root, durable: false });
      const terminated = (all: Record<string, string>) =>
        Object.fromEntries(Object.entries(all).filter(([name]) => !name.endsWith("/")));
      expect(terminated(readFiles(copy))).toEqual(terminated(space.read()));
    }),
    { numRuns: 60 },
  );
});

test("the parser takes any text without throwing", () => {
  const piece = fc.constantFrom(
    "*** Begin Patch",
    "*** End Patch",
    "*** Add File: a",
    "*** Update File: b",
    "*** Delete File: c",
    "*** Move to: d",
    "*** End of File",
    "*** Environment ID: e",
    "@@",
    "@@ f",
    " g",
    "-h",
    "+i",
    "",
    "<<'EOF'",
    "EOF",
    "\r",
    "\ufeff",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.oneof(piece, fc.string()), { maxLength: 20 }).map((lines) => lines.join("\n")),
    fc
      .array(piece, { maxLength: 15 })
      .map((body) => ["*** Begin Patch", ...body, "*** End Patch"].join("\n")),
  );
  fc.assert(
    fc.property(text, (input) => {
      const parsed = parsePatch(input);
      if (!parsed.ok) expect(parsed.error.message).not.toBe("");
    }),
    { numRuns: 2000 },
  );
});
