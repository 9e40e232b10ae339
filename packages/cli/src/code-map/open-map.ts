import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type CodeMap, findGrammars, openCodeMap } from "@quire/code-map";
import type { System } from "../system.ts";
import { fileSource } from "./git-source.ts";

/** More threads than this do not read faster than a disk and the collector allow. */
const MOST_WORKERS = 4;

/** The map of a folder, with its cache below the Quire home. */
export function openMapOf(root: string, system: System, home: string): CodeMap {
  return openCodeMap({
    root,
    source: fileSource(root, system, home),
    cacheParent: path.join(home, "cache", "code-map"),
    grammars: findGrammars(),
    workerFile: builtWorker(),
    workers: Math.max(1, Math.min(MOST_WORKERS, os.availableParallelism())),
    monotonicMs: system.monotonicMs,
  });
}

/** The build puts it beside its first file. Where the program runs from source there is none. */
function builtWorker(): string | null {
  const file = fileURLToPath(new URL("./code-map-worker.cjs", import.meta.url));
  return fs.existsSync(file) ? file : null;
}
