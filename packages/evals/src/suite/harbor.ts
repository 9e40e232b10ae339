import fs from "node:fs";
import path from "node:path";

/** Where an image of Harbor's has things; here they are in the scratch copy. */
const PLACES = String.raw`s#/logs/#$PWD/.harbor/logs/#g; s#/tests\b#$PWD/tests#g; s#/app\b#$PWD#g`;

/**
 * The check of a Harbor task: its own script, with the image's places moved. What counts is the reward that it writes, as
 * in Harbor, where such a script ends with 0 whatever it found; one that writes none is asked how it ended.
 */
export const HARBOR_CHECK = [
  "mkdir -p .harbor/logs/verifier .harbor/logs/agent",
  `grep -rlIE '/(logs|tests|app)' tests | while IFS= read -r file; do sed -i "${PLACES}" "$file"; done`,
  "bash tests/test.sh; code=$?",
  "reward=.harbor/logs/verifier/reward",
  "[ -e $reward.txt ] || [ -e $reward.json ] || exit $code",
  `cat $reward.txt $reward.json 2>/dev/null | grep -qE '(^|[:[:space:]])1(\\.0*)?[[:space:]}]*$'`,
].join("\n");

/** The instruction, and what it means here. */
export function harborPrompt(folder: string): string {
  const text = fs.readFileSync(path.join(folder, "instruction.md"), "utf8");
  return /\/app\b/.test(text) ? `${text}\n\nWhere this says /app, the current folder is meant.` : text;
}

/** The known solution as a script for the scratch copy; null where there is none. */
export function harborSolution(folder: string): string | null {
  const file = path.join(folder, "solution", "solve.sh");
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8").replaceAll(/\/app\b/g, "$PWD") : null;
}
