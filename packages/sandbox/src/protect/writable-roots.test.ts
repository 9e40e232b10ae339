import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Fixture, makeFixture } from "../../test/fixture.ts";
import { writableRoots } from "./writable-roots.ts";

let fixture: Fixture;
beforeEach(() => {
  fixture = makeFixture();
});
afterEach(() => fixture.remove());

function roots(...paths: string[]) {
  return writableRoots(fixture.policy({ workspaceRoots: paths }), fixture.deps);
}

test("accepts project folders, canonical and without one inside another", () => {
  const inner = join(fixture.workspace, "inner");
  const link = join(fixture.base, "link");
  mkdirSync(inner);
  symlinkSync(fixture.workspace, link);
  expect(roots(inner, link)).toEqual({ kind: "accepted", roots: [fixture.workspace] });
});

test("a project inside home is fine", () => {
  const project = join(fixture.deps.homeDir, "project");
  mkdirSync(project);
  expect(roots(project)).toEqual({ kind: "accepted", roots: [project] });
});

test.each<[string, (fixture: Fixture) => string, RegExp]>([
  ["the whole file system", () => "/", /whole file system/],
  ["home", ({ deps }) => deps.homeDir, /your home folder, which holds keys/],
  ["a link to home", ({ base, deps }) => linkTo(base, deps.homeDir), /your home folder/],
  ["a folder above home", ({ base }) => base, /lies inside it/],
  ["our state folder", ({ deps }) => made(deps.stateDir), /state folder/],
  ["a folder in our state folder", ({ deps }) => made(join(deps.stateDir, "x")), /state folder/],
  ["our runtime folder", ({ deps }) => made(deps.runtimeDir), /our own folder/],
  ["a system folder", () => "/etc", /operating system/],
  ["a folder in /dev", () => "/dev/shm", /operating system/],
  ["a relative path", () => "work", /not an absolute path/],
  ["a missing folder", ({ base }) => join(base, "missing"), /not an existing folder/],
  ["a file", ({ base }) => file(base), /not an existing folder/],
  ["a name with a newline", ({ base }) => made(join(base, "a\nb")), /control characters/],
])("refuses %s", (_name, path, cause) => {
  expect(roots(path(fixture))).toEqual({
    kind: "refused",
    reason: {
      code: "root-refused",
      cause: expect.stringMatching(cause),
      remedy: expect.stringContaining("-C DIR"),
    },
  });
});

test("read-only mode has none, so nothing is refused", () => {
  const policy = fixture.policy({ mode: "read-only", workspaceRoots: [fixture.deps.homeDir] });
  expect(writableRoots(policy, fixture.deps)).toEqual({ kind: "accepted", roots: [] });
});

function made(path: string): string {
  mkdirSync(path, { recursive: true });
  return path;
}

function linkTo(base: string, target: string): string {
  symlinkSync(target, join(base, "to-home"));
  return join(base, "to-home");
}

function file(base: string): string {
  writeFileSync(join(base, "file"), "");
  return join(base, "file");
}
