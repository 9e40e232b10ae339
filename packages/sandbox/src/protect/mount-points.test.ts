import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Fixture, makeFixture } from "../../test/fixture.ts";
import { MountPoints } from "./mount-points.ts";

let fixture: Fixture;
let path: string;
let opened: MountPoints[];
beforeEach(() => {
  fixture = makeFixture();
  path = join(fixture.workspace, ".quire");
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((points) => points.close()));
  await fixture.remove();
});

function open(unique = `u${opened.length}`): MountPoints {
  const points = new MountPoints(fixture.deps.runtimeDir, process.pid, unique);
  opened.push(points);
  return points;
}

function records(kind: "holders" | "made"): string[] {
  return readdirSync(join(fixture.deps.runtimeDir, "mount-points", kind));
}

test("a folder exists while it is held and lingers only for a moment", async () => {
  const points = open();
  const release = points.acquire([path]);
  expect(existsSync(path)).toBe(true);
  release();
  expect(existsSync(path)).toBe(true);
  await expect.poll(() => existsSync(path)).toBe(false);
  expect([records("holders"), records("made")]).toEqual([[], []]);
});

test("the last of several users removes it", () => {
  const [one, two] = [open(), open()];
  const [releaseOne, releaseTwo] = [one.acquire([path]), two.acquire([path])];
  releaseOne();
  one.flush();
  expect(existsSync(path)).toBe(true);
  releaseTwo();
  two.flush();
  expect(existsSync(path)).toBe(false);
});

test("releasing twice counts once", () => {
  const points = open();
  const [first, second] = [points.acquire([path]), points.acquire([path])];
  first();
  first();
  points.flush();
  expect(existsSync(path)).toBe(true);
  second();
  points.flush();
  expect(existsSync(path)).toBe(false);
});

test("a folder that was there before stays", () => {
  mkdirSync(path);
  const points = open();
  points.acquire([path])();
  points.flush();
  expect(existsSync(path)).toBe(true);
});

test("a folder the user put something into stays", () => {
  const points = open();
  const release = points.acquire([path]);
  writeFileSync(join(path, "settings"), "mine");
  release();
  points.flush();
  expect(readdirSync(path)).toEqual(["settings"]);
  expect(records("made")).toEqual([]);
});

test("a folder made anew under the same name is not ours", () => {
  const points = open();
  const release = points.acquire([path]);
  rmdirSync(path);
  mkdirSync(join(fixture.workspace, "takes-the-old-number"));
  mkdirSync(path);
  release();
  points.flush();
  expect(existsSync(path)).toBe(true);
});

test("one that vanished while it was held is made again", () => {
  const points = open();
  const release = points.acquire([path]);
  rmdirSync(path);
  points.acquire([path])();
  expect(existsSync(path)).toBe(true);
  release();
});

test("what a killed process held is swept", () => {
  open().acquire([path]);
  const holders = join(fixture.deps.runtimeDir, "mount-points", "holders");
  const [own = ""] = readdirSync(holders);
  const [, , namespace] = own.split(".");
  writeFileSync(join(holders, `999999999.1.${namespace}.x`), `${path}\n`);
  open().sweep();
  expect(existsSync(path)).toBe(true);
  writeFileSync(join(holders, own), "");
  open().sweep();
  expect(existsSync(path)).toBe(false);
  expect(records("holders")).toEqual([own]);
});
