import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";

const BUILD = fileURLToPath(new URL("../dist/cli/", import.meta.url));

/**
 * What every `quire exec` reads and, on a first start, parses. Whoever needs more than this for a feature asks first
 * whether each run needs it: what only some runs use belongs behind `import()`.
 */
const PACK_LIMIT = 768 * 1024;

const loadedChunks = (stderr: string, from: "pack" | "file") =>
  [...stderr.matchAll(/^QUIRE-CHUNKS \d+: (\S+) \((\w+)\)$/gm)]
    .filter((match) => match[2] === from)
    .map((match) => match[1] ?? "")
    .sort();

test("a one-shot run loads one file, uses all of it, and that file stays small", async () => {
  await using world = await execWorld({ steps: [says("hi")], config: "model_verbosity = 'low'" });
  const { stderr, exitCode } = await world.exec(["say hi"], { env: { NODE_DEBUG: "quire-chunks" } });
  expect(exitCode).toBe(0);
  const [pack = "no pack", ...more] = (await readdir(BUILD)).filter((file) => /^start-.*\.js$/.test(file));
  expect(more).toEqual([]);
  const source = await readFile(`${BUILD}${pack}`, "latin1");
  expect({
    fromFiles: loadedChunks(stderr, "file"),
    fromPack: loadedChunks(stderr, "pack"),
    tooBig: source.length > PACK_LIMIT ? `${source.length} bytes` : false,
  }).toEqual({
    fromFiles: [],
    fromPack: [...source.matchAll(/^"([^"]+\.js)":$/gm)].map((match) => match[1]).sort(),
    tooBig: false,
  });
});

test("a run that had to compile leaves the code cache for the next one", async () => {
  await using world = await execWorld({ steps: [says("hi"), says("hi")] });
  await world.exec(["say hi"]);
  const caches = (await readdir(BUILD)).filter((file) => file.endsWith(".cache"));
  expect(caches).toEqual([expect.stringMatching(/^start-[0-9a-f]{12}\.js\.\w+-v[\d.]+\.cache$/)]);
  const { stdout } = await world.exec(["say hi"]);
  expect(stdout).toBe("hi\n");
});
