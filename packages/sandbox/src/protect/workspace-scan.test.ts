import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Fixture, makeFixture } from "../../test/fixture.ts";
import { WorkspaceScan } from "./workspace-scan.ts";

let fixture: Fixture;
beforeEach(() => {
  fixture = makeFixture();
});
afterEach(() => fixture.remove());

function put(path: string): void {
  const file = join(fixture.workspace, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "");
}

function scan(maxFolders?: number): WorkspaceScan {
  return new WorkspaceScan({
    roots: [fixture.workspace],
    protectedNames: [".git", ".quire"],
    now: () => performance.now(),
    ...(maxFolders === undefined ? {} : { maxFolders }),
  });
}

function relative(paths: readonly string[]): string[] {
  return paths.map((path) => path.slice(fixture.workspace.length + 1)).sort();
}

test("finds protected names, environment files and bare repositories at any depth", async () => {
  for (const path of [
    "a/b/c/d/e/f/g/.git/config",
    "x/.Quire/config.toml",
    "y/.git",
    "z/HEAD",
    "z/objects/o",
    "z/refs/r",
  ])
    put(path);
  for (const path of [".env", "a/.env.local", "a/.envrc", "a/.env.example", "a/.environment"]) put(path);
  const result = await scan().refresh();
  expect(relative(result.protectedPaths)).toEqual(["a/b/c/d/e/f/g/.git", "x/.Quire", "y/.git"]);
  expect(relative(result.environmentFiles)).toEqual([".env", "a/.env.local", "a/.envrc"]);
  expect(relative(result.bareRepositories)).toEqual(["z"]);
  expect(result.limited).toBe(false);
});

test("does not look into packages or protected folders", async () => {
  for (const path of ["node_modules/p/.git/config", ".git/modules/m/.git", "a/node_modules/p/.quire/x"])
    put(path);
  expect(relative((await scan().refresh()).protectedPaths)).toEqual([".git"]);
});

test("a refresh sees what came and what went, at once", async () => {
  put("a/b/file");
  const one = scan();
  await one.refresh();
  for (let round = 0; round < 20; round++) {
    put("a/b/.quire/config");
    expect(relative((await one.refresh()).protectedPaths)).toEqual(["a/b/.quire"]);
    rmSync(join(fixture.workspace, "a/b/.quire"), { recursive: true });
    expect(relative((await one.refresh()).protectedPaths)).toEqual([]);
  }
});

test("stops at its limit, nearest folders first, and says so", async () => {
  for (let index = 0; index < 20; index++) put(`f${index}/deep/deeper/.git/config`);
  put("f3/.quire/x");
  const result = await scan(25).refresh();
  expect(result.limited).toBe(true);
  expect(relative(result.protectedPaths)).toEqual(["f3/.quire"]);
});
