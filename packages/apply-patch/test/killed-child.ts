/** Applies a patch and dies by SIGKILL at the given call. Arguments: root, journal, number of the call, patch. */
import { applyPatch } from "../src/apply.ts";
import { failingFs } from "./failing-fs.ts";

const [root, journalDir, at, patch] = process.argv.slice(2);
if (root === undefined || journalDir === undefined || patch === undefined)
  throw new Error("arguments are missing");
const act = (): void => void process.kill(process.pid, "SIGKILL");
await applyPatch(patch, { cwd: root, journalDir, fs: failingFs({ at: Number(at), forever: false, act }).fs });
