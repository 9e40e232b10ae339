import { runSuite, summarise } from "./run-suite.ts";

/** As a program: MODE FOLDER [--json]. Prints failures and the score, or everything as JSON for the test. */
const [mode, folder, format] = process.argv.slice(2);
if ((mode !== "workspace-write" && mode !== "read-only") || folder === undefined) {
  throw new Error("give a mode (workspace-write or read-only) and a folder that is not below /tmp");
}
const suite = await runSuite(mode, folder, process.env.PREWARM === "1");
if (format === "--json") process.stdout.write(JSON.stringify(suite));
else {
  for (const { id, level, result, detail } of suite.results) {
    if (result === "failed") process.stdout.write(`FAILED ${level} ${id}: ${detail}\n`);
  }
  process.stdout.write(`${summarise(suite)}\n`);
}
process.exitCode = suite.results.some((entry) => entry.result === "failed") ? 1 : 0;
