#!/usr/bin/env node
/**
 * `npm test [-- VITEST-ARGS]`: sets up, builds, runs every test, and ends with `N passed, N failed`.
 *
 * Without arguments the files of failed tests are run a second time, one after the other: on a busy machine a test can
 * fail for want of time alone. What passes then counts as passed and is named as UNSTEADY, what fails as FAILED; both
 * lists stand right before the last line.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildCli } from "./build.mjs";
import { root } from "./bundle.mjs";
import { paint } from "./console.mjs";
import { setup } from "./setup.mjs";

/**
 * @typedef {{ status: string, fullName: string, failureMessages?: string[] }} TestCase
 * @typedef {{ status: string, name: string, message?: string, assertionResults: TestCase[] }} TestFile
 * @typedef {{ file: string, name: string, why: string }} Failure
 * @typedef {{ passed: number, skipped: number, failures: Failure[] }} Outcome
 */

/** More failures than this are a fault of the code, not of the moment. */
const MOST_FILES_AGAIN = 8;

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

/** @param {string | undefined} text */
const firstLine = (text) => (text ?? "").split("\n")[0]?.slice(0, 200) ?? "";

/**
 * A file that could not even be loaded counts as one failure.
 * @param {string} report
 * @returns {Outcome}
 */
function readReport(report) {
  /** @type {{ testResults: TestFile[] }} */
  const { testResults } = JSON.parse(readFileSync(report, "utf8"));
  /** @type {Outcome} */
  const outcome = { passed: 0, skipped: 0, failures: [] };
  for (const { name, status, message, assertionResults } of testResults) {
    const file = path.relative(root, name);
    const before = outcome.failures.length;
    for (const test of assertionResults) {
      if (test.status === "passed") outcome.passed += 1;
      else if (test.status !== "failed") outcome.skipped += 1;
      else outcome.failures.push({ file, name: test.fullName, why: firstLine(test.failureMessages?.[0]) });
    }
    if (status === "failed" && outcome.failures.length === before)
      outcome.failures.push({ file, name: "(the whole file)", why: firstLine(message) });
  }
  return outcome;
}

/**
 * @param {string[]} args @param {string} folder of the report
 * @returns {Promise<Outcome>}
 */
async function run(args, folder) {
  const report = path.join(folder, "report.json");
  rmSync(report, { force: true });
  try {
    const code = await vitest(args, report);
    const outcome = readReport(report);
    if (code !== 0 && outcome.failures.length === 0)
      outcome.failures.push({
        file: "",
        name: "outside any test",
        why: "an unhandled error, or no test found",
      });
    return outcome;
  } catch (error) {
    const why = `vitest left no readable report: ${error instanceof Error ? error.message : error}`;
    return { passed: 0, skipped: 0, failures: [{ file: "", name: "the test run", why }] };
  }
}

/**
 * Runs the files of the failures again by themselves.
 * @param {Failure[]} failures @param {string} folder
 * @returns {Promise<{ unsteady: Failure[], failures: Failure[] }>}
 */
async function again(failures, folder) {
  const files = [...new Set(failures.map(({ file }) => file))];
  if (files.length === 0 || files.length > MOST_FILES_AGAIN || files.includes(""))
    return { unsteady: [], failures };
  console.log(`\nOnce more, by themselves: ${files.join(", ")}`);
  const second = await run([...files, "--no-file-parallelism"], folder);
  /** @param {Failure} failure */
  const failedAgain = ({ file, name }) =>
    second.failures.some((other) => other.file === "" || (other.file === file && other.name === name));
  const news = second.failures.filter(
    ({ file, name }) => !failures.some((f) => f.file === file && f.name === name),
  );
  return {
    unsteady: failures.filter((failure) => !failedAgain(failure)),
    failures: [...failures.filter(failedAgain), ...news],
  };
}

/** @param {string} word @param {Failure[]} failures */
function list(word, failures) {
  for (const { file, name, why } of failures) console.log(`${word} ${file} > ${name}: ${why}`);
}

/** @param {string[]} args @returns {Promise<{ passed: number, failed: number, skipped: number }>} */
async function test(args) {
  const { ready } = await setup();
  if (!ready) return { passed: 0, failed: 1, skipped: 0 };
  const built = await buildCli();
  const folder = mkdtempSync(path.join(tmpdir(), "quire-test-"));
  try {
    const { passed, skipped, failures: first } = await run(args, folder);
    const { unsteady, failures } =
      args.length === 0 ? await again(first, folder) : { unsteady: [], failures: first };
    console.log("");
    list("UNSTEADY", unsteady);
    list("FAILED", failures);
    return { passed: passed + unsteady.length, failed: failures.length + (built ? 0 : 1), skipped };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { passed, failed, skipped } = await test(process.argv.slice(2));
if (skipped > 0) console.log(paint("yellow", `${skipped} skipped: each says above what it needs`));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
