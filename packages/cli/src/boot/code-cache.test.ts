import fs from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { compileCached } from "./code-cache.ts";

const SOURCE = "({ sum: (function (a, b) { return a + b; }) })";
const SUFFIX = `.${process.arch}-${process.version}.cache`;

/** A source in a folder of its own: V8 remembers what this process has compiled by path and text. */
function sourceFile(cache?: Buffer): string {
  const folder = fs.mkdtempSync(path.join(tmpdir(), "quire-code-cache-"));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, "start-0123.js");
  fs.writeFileSync(file, SOURCE);
  if (cache) fs.writeFileSync(file + SUFFIX, cache);
  return file;
}

function madeCache(): Buffer {
  const file = sourceFile();
  const { script, keep } = compileCached(file);
  expect(script.runInThisContext().sum(1, 2)).toBe(3);
  keep?.();
  expect(fs.readdirSync(path.dirname(file)).sort()).toEqual(["start-0123.js", `start-0123.js${SUFFIX}`]);
  return fs.readFileSync(file + SUFFIX);
}

test("the first process keeps what it compiled and the next one is spared it", () => {
  const { script, keep } = compileCached(sourceFile(madeCache()));
  expect(keep).toBeNull();
  expect(script.runInThisContext().sum(1, 2)).toBe(3);
});

test("a cache that is garbage, cut short, empty or has a wrong byte is passed over and replaced", () => {
  const whole = madeCache();
  const flipped = Buffer.from(whole);
  flipped[whole.length >> 1] = ~(whole[whole.length >> 1] ?? 0);
  const cut = whole.subarray(0, whole.length - 9);
  for (const damaged of [Buffer.from("garbage"), cut, Buffer.alloc(0), flipped]) {
    const file = sourceFile(damaged);
    const { script, keep } = compileCached(file);
    expect(script.runInThisContext().sum(1, 2)).toBe(3);
    expect(keep).not.toBeNull();
    keep?.();
    expect(compileCached(sourceFile(fs.readFileSync(file + SUFFIX))).keep).toBeNull();
  }
});

test("where nothing can be written the source is compiled each time", () => {
  const file = sourceFile();
  fs.mkdirSync(file + SUFFIX);
  const { script, keep } = compileCached(file);
  keep?.();
  expect(script.runInThisContext().sum(1, 2)).toBe(3);
  expect(fs.readdirSync(path.dirname(file)).filter((name) => name.endsWith(".partial"))).toEqual([]);
});
