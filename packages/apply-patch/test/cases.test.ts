import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { applyPatch } from "../src/apply.ts";
import { formatError, formatSummary } from "../src/format-result.ts";
import { createPathGuard } from "../src/path-guard.ts";

/**
 * Each folder in cases/ is one case: input/ (missing: empty), patch.txt, expected/ (missing: nothing may change) and
 * result.json. `REWRITE_CASES=1` writes expected/ and result.json anew; read the difference before keeping it.
 */
const CASES = path.join(import.meta.dirname, "cases");
const rewrite = process.env.REWRITE_CASES === "1";
const scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "patch-cases-")));
afterAll(() => fs.rmSync(scratch, { recursive: true }));

function readFolder(folder: string): Record<string, string> {
  if (!fs.existsSync(folder)) return {};
  const names = fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter((name) => fs.statSync(path.join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, fs.readFileSync(path.join(folder, name), "latin1")]));
}

async function run(name: string): Promise<{ result: unknown; after: Record<string, string> }> {
  const input = path.join(CASES, name, "input");
  const cwd = path.join(scratch, name);
  fs.mkdirSync(cwd);
  if (fs.existsSync(input)) fs.cpSync(input, cwd, { recursive: true });
  const patch = fs.readFileSync(path.join(CASES, name, "patch.txt"), "utf8");
  const outcome = await applyPatch(patch, { cwd, guard: createPathGuard({ root: cwd }), durable: false });
  const result = outcome.ok
    ? { stdout: formatSummary(outcome.applied.summary), changes: outcome.applied.changes }
    : { stderr: formatError(outcome.error), error: outcome.error };
  const text = JSON.stringify(result, null, 2)
    .replaceAll(scratch, "<dir>")
    .replaceAll(path.dirname(scratch), "<tmp>");
  return { result: JSON.parse(text), after: readFolder(cwd) };
}

describe("cases", () => {
  const names = fs.readdirSync(CASES);
  expect(names.length).toBeGreaterThanOrEqual(60);
  for (const name of names) {
    test(name, async () => {
      const folder = path.join(CASES, name);
      const { result, after } = await run(name);
      const input = readFolder(path.join(folder, "input"));
      if (rewrite) rewriteCase(folder, input, result, after);
      const expected = fs.existsSync(path.join(folder, "expected"))
        ? readFolder(path.join(folder, "expected"))
        : input;
      expect(after).toEqual(expected);
      expect(result).toEqual(JSON.parse(fs.readFileSync(path.join(folder, "result.json"), "utf8")));
    });
  }
});

function rewriteCase(folder: string, input: object, result: unknown, after: Record<string, string>): void {
  const expected = path.join(folder, "expected");
  fs.rmSync(expected, { recursive: true, force: true });
  fs.writeFileSync(path.join(folder, "result.json"), `${JSON.stringify(result, null, 2)}\n`);
  if (JSON.stringify(input) === JSON.stringify(after)) return;
  fs.mkdirSync(expected);
  // Git keeps no empty folders, so such a case would read as "nothing changed" after a checkout.
  if (Object.keys(after).length === 0) throw new Error(`${folder}: leave at least one file`);
  for (const [name, text] of Object.entries(after)) {
    fs.mkdirSync(path.dirname(path.join(expected, name)), { recursive: true });
    fs.writeFileSync(path.join(expected, name), text, "latin1");
  }
}
