#!/usr/bin/env node
/** `npm test [-- VITEST-ARGS]`: sets up, builds, runs every test, and ends with `N passed, N failed`. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildCli } from "./build.mjs";
import { root } from "./bundle.mjs";
import { paint } from "./console.mjs";
import { setup } from "./setup.mjs";

/**
 * @typedef {{ status: string }} TestCase
 * @typedef {{ status: string, name: string, message?: string, assertionResults: TestCase[] }} TestFile
 * @typedef {{ passed: number, failed: number, skipped: number }} Count
 */

/**
 * Runs vitest with the terminal attached and a report beside it.
 * @param {string[]} args @param {string} report
 * @returns {Promise<number>} its exit code
 */
function vitest(args, report) {
  const bin = path.join(root, "node_modules/vitest/vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, "run", ...reporters, ...args], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.on("error", () => resolve(127));
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/**
 * Counts tests; a file that could not even be loaded counts as one failure.
 * @param {string} report
 * @returns {Count}
 */
function count(report) {
  /** @type {{ testResults: TestFile[] }} */
  const { testResults } = JSON.parse(readFileSync(report, "utf8"));
  const counted = { passed: 0, failed: 0, skipped: 0 };
  for (const file of testResults) {
    const failedBefore = counted.failed;
    for (const { status } of file.assertionResults) {
      if (status === "passed") counted.passed += 1;
      else if (status === "failed") counted.failed += 1;
      else counted.skipped += 1;
    }
    if (file.status === "failed" && counted.failed === failedBefore) counted.failed += 1;
  }
  return counted;
}

/** @param {string[]} args @returns {Promise<Count>} */
async function test(args) {
  const { ready } = await setup();
  if (!ready) return { passed: 0, failed: 1, skipped: 0 };
  const built = await buildCli();
  const folder = mkdtempSync(path.join(tmpdir(), "quire-test-"));
  try {
    const report = path.join(folder, "report.json");
    const code = await vitest(args, report);
    const counted = count(report);
    // Something outside any test went wrong: an unhandled rejection, no test found.
    if (code !== 0 && counted.failed === 0) counted.failed = 1;
    if (!built) counted.failed += 1;
    return counted;
  } catch (error) {
    console.error(`test: vitest left no readable report: ${error instanceof Error ? error.message : error}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { passed, failed, skipped } = await test(process.argv.slice(2));
if (skipped > 0) console.log(paint("yellow", `${skipped} skipped: each says above what it needs`));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
