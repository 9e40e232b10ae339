import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixtureRepository } from "./fixture-repository.ts";

const FILES = { "a.txt": "one\n", "bin/run": { content: "#!/bin/sh\n", mode: 0o755 } };

test("the same files make the same commit, wherever and whenever", async () => {
  await using one = await fixtureRepository({ files: FILES });
  await using two = await fixtureRepository({ files: FILES });
  expect(one.path).not.toBe(two.path);
  const head = await one.git("rev-parse", "HEAD");
  expect(head).toBe("a7047f19fb7cfad7b0f9435e536e4c20aae79238");
  expect(await two.git("rev-parse", "HEAD")).toBe(head);
  expect(await one.git("status", "--porcelain")).toBe("");
  expect(await one.git("branch", "--show-current")).toBe("main");
});

test("files can be read, written and committed", async () => {
  await using repository = await fixtureRepository({ files: FILES });
  await repository.write("deep/er/b.txt", "two\n");
  expect(await repository.git("status", "--porcelain")).toBe("?? deep/");
  await repository.commit("more");
  expect(await repository.git("log", "--format=%s")).toBe("more\nfixture");
  expect(await repository.read("a.txt")).toBe("one\n");
  expect(statSync(join(repository.path, "bin/run")).mode & 0o777).toBe(0o755);
});

test("it can be a plain directory, and it goes away with everything in it", async () => {
  const directory = await fixtureRepository({ files: { x: "y" }, git: false });
  expect(existsSync(join(directory.path, ".git"))).toBe(false);
  await directory[Symbol.asyncDispose]();
  expect(existsSync(directory.path)).toBe(false);
  await directory[Symbol.asyncDispose]();
});
