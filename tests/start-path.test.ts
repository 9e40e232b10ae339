import { readdir, readFile, stat } from "node:fs/promises";
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

test("a one-shot run reads one file of the build, and that file stays small", async () => {
  await using world = await execWorld({ steps: [says("hi")], config: "model_verbosity = 'low'" });
  const { stderr, exitCode } = await world.exec(["say hi"], { env: { NODE_DEBUG: "quire-chunks" } });
  const packs = (await readdir(BUILD)).filter((file) => /^start-.*\.js$/.test(file));
  const { size } = await stat(`${BUILD}${packs[0]}`);
  expect({
    exitCode,
    entry: /^QUIRE-CHUNKS \d+: main\.js \(pack\)$/m.test(stderr),
    fromOtherFiles: stderr.match(/^QUIRE-CHUNKS .* \(file\)$/gm),
    packs: packs.length,
    tooBig: size > PACK_LIMIT ? `${size} bytes` : false,
  }).toEqual({ exitCode: 0, entry: true, fromOtherFiles: null, packs: 1, tooBig: false });
});

test("what the loader reads as latin1 holds nothing else: regular expressions with other characters keep their meaning", async () => {
  const scripts = (await readdir(BUILD, { recursive: true })).filter((file) => file.endsWith(".js"));
  const texts = await Promise.all(scripts.map((file) => readFile(`${BUILD}${file}`, "utf8")));
  expect(scripts.filter((_file, at) => /[\u0080-\uffff]/.test(texts[at] ?? ""))).toEqual([]);
  expect(scripts.length).toBeGreaterThan(1);
});

test("a run that had to compile leaves the code cache for the next one", async () => {
  await using world = await execWorld({ steps: [says("hi"), says("hi")] });
  await world.exec(["say hi"]);
  const caches = (await readdir(BUILD)).filter((file) => file.endsWith(".cache"));
  expect(caches).toEqual([expect.stringMatching(/^start-[0-9a-f]{12}\.js\.\w+-v[\d.]+\.cache$/)]);
  const { stdout } = await world.exec(["say hi"]);
  expect(stdout).toBe("hi\n");
});
