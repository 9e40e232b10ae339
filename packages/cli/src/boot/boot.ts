import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { debuglog } from "node:util";
import v8 from "node:v8";
import { Script } from "node:vm";
import { EXIT } from "../exit-code.ts";
import { VERSION } from "../version.ts";
import { chunkLoader } from "./chunk-loader.ts";
import { compileCached } from "./code-cache.ts";

/** File name of the pack, put in by the build. */
declare const PACK_FILE: string;

/*
 * First file of the build. Node's loader of ES modules took a third of a short run: it resolves, reads and compiles
 * sixty chunks one by one. So the build makes functions of the chunks and puts those of every start into one file.
 */

/** A task that ran within this time has compiled what the next one needs, and V8 has thrown nothing of it away yet. */
const CACHE_WITHIN_MS = 20_000;

function start(): void {
  // Keeps V8's young generation at its first size. The buffers of a flood of command output live there: 200 MB of output
  // then grow the process by 16 MiB instead of 40, for no measurable CPU. Before anything is compiled, because a code
  // cache is only good for the flags it was made with.
  v8.setFlagsFromString("--semi-space-growth-factor=1");

  const log = debuglog("quire-chunks");
  const { script, keep } = compileCached(path.join(__dirname, PACK_FILE));
  const require = createRequire(__filename);
  let asked = false;
  const load = chunkLoader({
    pack: script.runInThisContext(),
    compile: (name) => {
      const file = path.join(__dirname, "chunks", name);
      return new Script(fs.readFileSync(file, "latin1"), { filename: file }).runInThisContext();
    },
    require: (id) => {
      asked ||= id === "node:http";
      return require(id);
    },
    url: pathToFileURL(__filename).href,
    onLoad: (name, from) => log("%s (%s)", name, from),
  });
  load("main.js");

  if (keep === null) return;
  process.once("exit", (code) => {
    const ranTask = asked && process.argv[2] === "exec"; // not `exec --help`, for instance
    if (code === 0 && ranTask && performance.now() < CACHE_WITHIN_MS) keep();
  });
}

// What can be answered without loading anything is answered first.
const [first, second] = process.argv.slice(2);
if ((first === "--version" || first === "-V") && second === undefined) {
  process.stdout.once("error", () => process.exit(EXIT.failed)); // a reader that does not care for the answer
  process.stdout.write(`quire ${VERSION}\n`);
} else {
  start();
}
