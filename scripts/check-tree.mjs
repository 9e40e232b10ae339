/** Rules about files that no compiler knows: size, names, READMEs, what may not stand in a tracked file. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { isTest } from "./check-layers.mjs";

const MAX_LINES = 500;
/** Files that may be longer than MAX_LINES, each with its reason. */
const LONG_FILES = new Map([["package-lock.json", "written by npm"]]);

/** AGENTS.md is sent with every request, so it is kept under this many tokens, counted as bytes / 4. */
const AGENTS_MAX_TOKENS = 2000;

const EMPTY_NAMES = /(^|-)(utils?|helpers?|managers?|misc|common)$/;
const SOURCE = /\.(?:[cm]?[jt]sx?|py|sh)$/;
/** Data for tests, which may hold anything. */
const CASE_DATA = /(^|\/)(cases|fixtures)\//;

/**
 * @typedef {{ pattern: RegExp, why: string, applies?: (file: string) => boolean }} Ban
 * @type {Ban[]}
 */
const BANS = [
  { pattern: /(?<![\w.~*-])\/work\/|\/root\/\.pyenv/, why: "holds a path of one particular machine" },
  {
    pattern:
      /\b(?!registry\.npmjs\.org)registry\.[\w-]+\.\w+|\b(?:artifactory|verdaccio|codeartifact)\.[\w.-]+\w/i,
    why: "names a package registry host",
  },
  {
    pattern: /"resolved": "https?:|^\s*(?:@[\w-]+:)?registry\s*=|_auth/,
    why: "pins a download address; the lock file and .npmrc stay registry-neutral",
    applies: (file) => /(^|\/)(package-lock\.json|\.npmrc)$/.test(file),
  },
  {
    pattern: /\b(?:it|test|describe|suite|bench)(?:\.\w+)*\.(?:only|skip|todo)\b/,
    why: "leaves a test out; use skipIf with a stated reason if a machine may lack something",
    applies: isTestFile,
  },
  { pattern: /\bvi\.(?:mock|doMock)\(/, why: "mocks a module; pass the dependency in", applies: isTestFile },
  {
    pattern: /\bprocess\.(?:env|cwd)\b|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(/,
    why: "reads the world by itself; take it as a parameter, packages/cli passes the real one",
    applies: isInnerSource,
  },
  {
    pattern: /\/[/*]\s*@ts-(?:ignore|nocheck)\b/, // in a comment, where alone it counts
    why: "switches the type checker off",
    applies: (file) => SOURCE.test(file),
  },
];

/**
 * Below the composition root. The offline engine's drivers are programs of their own, which run beside the tests; the
 * SDK is where somebody else's program meets the world.
 * @param {string} file
 */
function isInnerSource(file) {
  const inner = /^packages\/(?!cli\/|sdk\/|evals\/|test-support\/)[^/]+\/src\//.test(file);
  return inner && !isTestFile(file) && !file.startsWith("packages/offline-repair/src/driver/");
}

/** @param {string} file */
function isTestFile(file) {
  return isTest(file.replace(/^packages\/[^/]+\//, ""));
}

/**
 * Tracked files and those about to be, relative to the repository.
 * @param {string} root
 */
export function trackedFiles(root) {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  return listed.split("\0").filter((file) => file !== "" && existsSync(path.join(root, file)));
}

/** @param {string} file @param {string} text */
export function fileProblems(file, text) {
  /** @type {string[]} */
  const problems = [];
  const stem = path.basename(file).replace(/\..*$/, "");
  if (SOURCE.test(file) && EMPTY_NAMES.test(stem))
    problems.push(`${file}: the name says nothing: find the noun`);
  if (CASE_DATA.test(file)) return problems;
  const lines = text.split("\n");
  const allowed = LONG_FILES.has(file) || /\.(generated\.\w+|md|jsonl?|csv|lock)$/.test(file);
  if (lines.length > MAX_LINES && !allowed) {
    problems.push(`${file}: ${lines.length} lines, more than ${MAX_LINES}: look for the second subject`);
  }
  for (const { pattern, why, applies } of BANS) {
    if (applies && !applies(file)) continue;
    const index = lines.findIndex((line) => pattern.test(line));
    if (index >= 0) problems.push(`${file}:${index + 1}: ${why}`);
  }
  return problems;
}

/**
 * Platform packages that the lock file leaves out, which makes `npm ci` fail on every machine. It happens when the
 * registry that npm was pointed at did not have them.
 * @param {string} root
 */
function lockProblems(root) {
  /** @type {Record<string, { optionalDependencies?: Record<string, string> }>} */
  const packages = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) => {
    const missing = Object.keys(optionalDependencies).filter(
      (name) => !packages[`node_modules/${name}`] && !packages[`${place}/node_modules/${name}`],
    );
    return missing.length === 0 ? [] : [`package-lock.json: ${place} lacks ${missing.join(", ")}`];
  });
}

/**
 * @param {string} root the repository
 * @returns {string[]} every problem, each as one line
 */
export function treeProblems(root) {
  const files = trackedFiles(root);
  const problems = files.flatMap((file) => {
    const whole = path.join(root, file);
    if (!statSync(whole).isFile()) return [];
    const bytes = readFileSync(whole);
    return bytes.includes(0) ? [] : fileProblems(file, bytes.toString("utf8"));
  });

  problems.push(...lockProblems(root));

  const folders = new Set(files.flatMap((file) => /^packages\/([^/]+)\//.exec(file)?.[1] ?? []));
  for (const folder of folders) {
    if (!existsSync(path.join(root, "packages", folder, "README.md")))
      problems.push(`packages/${folder}: has no README.md`);
  }
  const agents = path.join(root, "AGENTS.md");
  if (!existsSync(agents)) problems.push("AGENTS.md: is missing");
  else if (statSync(agents).size / 4 >= AGENTS_MAX_TOKENS) {
    problems.push(
      `AGENTS.md: about ${Math.round(statSync(agents).size / 4)} tokens, more than ${AGENTS_MAX_TOKENS}`,
    );
  }
  return problems;
}
