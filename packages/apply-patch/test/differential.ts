/**
 * Developer tool: runs random patches through this package and through a reference `apply_patch` program and lists
 * what differs. See README.md for how to start it and for the differences that are meant.
 * Arguments: path of the program, number of patches (default 3000), first seed (default 1).
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parsePatch } from "../src/parse.ts";
import type { PatchSection } from "../src/patch.ts";
import { createPathGuard } from "../src/path-guard.ts";
import { runApplyPatchCli } from "../src/run-cli.ts";
import { type PatchCase, randomCase, seededRandom } from "./random-patches.ts";

interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly files: Readonly<Record<string, string>>;
}

function makeFolder(parent: string, { files }: PatchCase): string {
  const folder = fs.mkdtempSync(path.join(parent, "case-"));
  for (const [name, text] of files) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text, "latin1");
  }
  return folder;
}

function readFolder(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const file = path.join(folder, name);
    if (fs.lstatSync(file).isFile()) found[name] = fs.readFileSync(file, "latin1");
  }
  return found;
}

function runReference(program: string, home: string, parent: string, input: PatchCase): Outcome {
  const folder = makeFolder(parent, input);
  const env = { HOME: home, PATH: process.env.PATH ?? "" };
  const run = spawnSync(program, [input.patch], { cwd: folder, env, timeout: 10_000, encoding: "utf8" });
  const files = readFolder(folder);
  fs.rmSync(folder, { recursive: true });
  return { exitCode: run.status, stdout: run.stdout, stderr: run.stderr.replaceAll(folder, "<dir>"), files };
}

async function runOurs(parent: string, input: PatchCase): Promise<Outcome> {
  const folder = makeFolder(parent, input);
  const text = { stdout: "", stderr: "" };
  const exitCode = await runApplyPatchCli({
    argv: [input.patch],
    stdin: (async function* () {})(),
    stdout: { write: (part) => (text.stdout += part) },
    stderr: { write: (part) => (text.stderr += part) },
    cwd: folder,
    guard: createPathGuard({ root: folder }),
    durable: false,
  });
  const files = readFolder(folder);
  fs.rmSync(folder, { recursive: true });
  return { exitCode, stdout: text.stdout, stderr: text.stderr.replaceAll(folder, "<dir>"), files };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function mapFiles(files: Outcome["files"], change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, change(text)]));
}

const unterminated = (text: string): string => text.replace(/(\r\n|\n|\r)$/, "");
const onlyFeeds = (text: string): string => text.replace(/\r\n?/g, "\n");

/** Why the two may differ here, or undefined when they must not. The names are those of the README's table. */
function explain(input: PatchCase, ours: Outcome, reference: Outcome): string | undefined {
  const original = Object.fromEntries([...input.files].sort(([a], [b]) => (a < b ? -1 : 1)));
  const has = (pattern: RegExp): boolean => [...input.files.values()].some((text) => pattern.test(text));
  const bothDone = ours.exitCode === 0 && reference.exitCode === 0 && ours.stdout === reference.stdout;
  if (/^@@.*\s+@@/m.test(input.patch) && /hunk on line/.test(reference.stderr)) return "several @@ lines";
  if (/'' is not a valid hunk header/.test(reference.stderr)) return "blank between files";
  if (/The (first|last) line/.test(reference.stderr) && input.patch.startsWith("<<")) return "wrapping";
  if (has(/^\u00ef\u00bb\u00bf/)) return "byte order mark";
  if (has(/\u00ff|\u00e9$/)) return "bytes that are not UTF-8";
  const parsed = parsePatch(input.patch);
  const movesOntoItself = (item: PatchSection): boolean =>
    item.kind === "update" && item.movePath === item.path;
  if (parsed.ok && parsed.patch.sections.some(movesOntoItself)) return "move onto itself";
  if (/\*\*\* Update File: .*\r?\n\r?\n/.test(input.patch)) return "blank between files";
  const chunks = parsed.ok
    ? parsed.patch.sections.flatMap((section) => (section.kind === "update" ? section.chunks : []))
    : [];
  const onlyBlank = chunks.some(({ lines }) => {
    const old = lines.filter((line) => line.op !== "+");
    return old.length > 0 && old.every((line) => line.text === "");
  });
  if (ours.exitCode === 1 && onlyBlank) return "blank lines that are not there";
  if (ours.exitCode === 1 && reference.exitCode === 1) {
    const partial = same(ours.files, original) && !same(reference.files, original);
    return partial && ours.stderr.startsWith(reference.stderr.trimEnd()) ? "all or nothing" : undefined;
  }
  if (has(/\r(?!\n)/)) return "lone carriage returns";
  if (bothDone && same(mapFiles(ours.files, unterminated), mapFiles(reference.files, unterminated))) {
    return "final line ending";
  }
  if (chunks.some((c) => c.contexts.length > 0 && c.lines.every((l) => l.op === "+" || l.text === ""))) {
    return "added lines below an @@ line";
  }
  if (reference.exitCode === 1 && chunks.some((c) => c.contexts.length > 0))
    return "@@ line repeated as context";
  const mixed = has(/\r\n/) && has(/(^|[^\r])\n/);
  if (
    mixed &&
    bothDone &&
    same(
      mapFiles(ours.files, (t) => unterminated(onlyFeeds(t))),
      mapFiles(reference.files, (t) => unterminated(onlyFeeds(t))),
    )
  ) {
    return "mixed line endings";
  }
  return undefined;
}

/** The reference's error text must be the beginning of ours. */
function differs(ours: Outcome, reference: Outcome): boolean {
  const text = reference.stderr.trimEnd();
  return (
    ours.exitCode !== reference.exitCode ||
    ours.stdout !== reference.stdout ||
    !ours.stderr.startsWith(text) ||
    !same(ours.files, reference.files)
  );
}

async function main(program: string, count: number, firstSeed: number): Promise<void> {
  const parent = fs.mkdtempSync(path.join(os.tmpdir(), "differential-"));
  const home = path.join(parent, "home");
  fs.mkdirSync(home);
  const tally = new Map<string, number>();
  const add = (key: string): void => void tally.set(key, (tally.get(key) ?? 0) + 1);
  for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
    const input = randomCase(seededRandom(seed));
    const reference = runReference(program, home, parent, input);
    const ours = await runOurs(parent, input);
    add(`exit codes ${reference.exitCode}/${ours.exitCode} (reference/ours)`);
    if (!differs(ours, reference)) add("same");
    else {
      const reason = explain(input, ours, reference);
      add(reason === undefined ? "UNEXPLAINED" : `meant: ${reason}`);
      if (reason === undefined) {
        const report = { seed, files: Object.fromEntries(input.files), patch: input.patch, reference, ours };
        process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);
      }
    }
  }
  fs.rmSync(parent, { recursive: true });
  for (const [key, value] of [...tally].sort()) process.stdout.write(`${String(value).padStart(6)} ${key}\n`);
  process.exitCode = tally.has("UNEXPLAINED") ? 1 : 0;
}

const [program, count, seed] = process.argv.slice(2);
if (program === undefined) process.stderr.write("Give the path of a reference apply_patch program.\n");
else await main(program, Number(count ?? 3000), Number(seed ?? 1));
