import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { openRunFolder } from "./run-folder.ts";

test("a folder goes on with its own run, learns more of it, and refuses another one", async () => {
  await using temporary = await temporaryDirectory("quire-run-folder-");
  const folder = join(temporary.path, "deep", "run");
  const run = { benchmark: "humaneval", model: null, seconds: 60 };
  openRunFolder(folder, run);
  openRunFolder(folder, { ...run, effort: "high" });
  openRunFolder(folder, { benchmark: "humaneval" });
  const file = join(folder, "run.json");
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ ...run, effort: "high" });
  expect(() => openRunFolder(folder, { ...run, model: "gpt-5.2" })).toThrow(
    /holds a run with another model: null, not "gpt-5\.2"/,
  );
  writeFileSync(file, "{");
  expect(() => openRunFolder(folder, run)).toThrow(/run\.json does not say which run this folder holds/);
});

test("a folder that cannot be made is a fault with a next step, and does not take for ever", () => {
  expect(() => openRunFolder("/proc/none/run", {})).toThrow(
    expect.objectContaining({
      code: "directory_unusable",
      message: expect.stringMatching(/^\/proc\/none\/run cannot be written: ENOENT/),
    }),
  );
});
