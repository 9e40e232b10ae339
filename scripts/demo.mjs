#!/usr/bin/env node
/**
 * `npm run demo`: lets the built CLI repair two bundled examples with the offline engine and shows the evidence.
 * `npm run demo -- PATH "task" [EXEC-OPTIONS]`: does a task in a copy of a repository of yours.
 */
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { buildCli } from "./build.mjs";
import { root } from "./bundle.mjs";
import { paint, run, seconds, withProgress } from "./console.mjs";
import { copyExample, copyRepository } from "./demo-copy.mjs";
import { heading, readThreadLog, showCommand, showDiff, showThread } from "./demo-report.mjs";
import { setup } from "./setup.mjs";

const QUIRE = path.join(root, "bin", "quire");
const TASK = "make the failing test pass";
const EXAMPLE_LIMIT_MS = 120_000;

/** @typedef {{ name: string, language: string, needs?: "python", test: [string, ...string[]] }} Example */
/** @type {Example[]} */
const EXAMPLES = [
  { name: "ledger-js", language: "JavaScript", test: ["npm", "test"] },
  { name: "timetable-py", language: "Python", needs: "python", test: ["python3", "-m", "unittest"] },
];

/** The demo shows the offline engine, so no key in the environment may send the examples to a model. */
function exampleEnvironment(/** @type {string} */ home) {
  const env = Object.entries(process.env).filter(([name]) => !/_API_KEY$|_TOKEN$|^(CODEX|QUIRE)_/.test(name));
  return { ...Object.fromEntries(env), QUIRE_HOME: home, PYTHONDONTWRITEBYTECODE: "1" };
}

/**
 * Runs `quire exec` with the terminal as its own, so that its progress is seen as it happens.
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, limitMs?: number }} options
 * @returns {Promise<number>} exit code
 */
function quireExec(args, { cwd, env, limitMs }) {
  console.log(
    paint("dim", `$ quire exec ${args.map((arg) => (/\s/.test(arg) ? JSON.stringify(arg) : arg)).join(" ")}`),
  );
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [QUIRE, "exec", ...args], {
      cwd,
      env,
      stdio: ["ignore", "inherit", "inherit"],
    });
    const timer = limitMs
      ? setTimeout(() => {
          console.error(`demo: ended after ${seconds(limitMs)}`);
          child.kill("SIGTERM");
          setTimeout(() => child.kill("SIGKILL"), 5000).unref();
        }, limitMs)
      : undefined;
    child.on("error", () => resolve(127));
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve(code ?? 130);
    });
  });
}

/**
 * @param {Example} example @param {string} folder @param {string} label
 * @returns {Promise<import("./demo-report.mjs").Command>}
 */
async function runTests({ test: [program, ...args] }, folder, label) {
  const env = exampleEnvironment("");
  const { code, ms } = await withProgress(label, run(program, args, { cwd: folder, env, timeoutMs: 60_000 }));
  return { command: [program, ...args].join(" "), exitCode: code, durationMs: ms };
}

/**
 * @param {Example} example @param {string} scratch @param {boolean} sandbox
 * @returns {Promise<boolean>} whether its tests pass at the end
 */
async function showExample(example, scratch, sandbox) {
  const folder = path.join(scratch, example.name);
  const home = path.join(scratch, "quire-home", example.name);
  console.log(`\n${paint("bold", `━━ ${example.name} (${example.language}): "${TASK}"`)}`);
  await copyExample(path.join(root, "examples", example.name), folder);
  const before = await runTests(example, folder, "running the tests before");
  showCommand("tests before", before);

  // Its own two examples may run unconfined where no sandbox can be had; anything else may not.
  const mode = sandbox ? [] : ["-s", "danger-full-access"];
  if (!sandbox) console.log(paint("yellow", "demo: no sandbox here, so the example's tests run unconfined"));
  const env = exampleEnvironment(home);
  const code = await quireExec(["-m", "offline-repair", ...mode, TASK], {
    cwd: folder,
    env,
    limitMs: EXAMPLE_LIMIT_MS,
  });

  heading("what changed");
  await showDiff(folder);
  heading("evidence");
  const log = readThreadLog(home);
  showCommand("demo, before", before);
  for (const command of log?.commands ?? []) showCommand("agent", command);
  const after = await runTests(example, folder, "running the tests after");
  showCommand("demo, after", after);
  console.log(
    paint("dim", "  (demo: run by this script, outside the agent; agent: as recorded in the thread log)"),
  );
  heading("where it is");
  console.log(`  the copy      ${folder}`);
  if (log) showThread(log, `cd ${folder} && QUIRE_HOME=${home} ${QUIRE} exec resume --last "${TASK}"`);
  else console.log(paint("red", "  the run left no thread log"));

  const green = before.exitCode !== 0 && after.exitCode === 0 && code === 0 && log !== undefined;
  const verdict = `quire ended with exit code ${code}, the tests with ${after.exitCode}`;
  console.log(
    green
      ? paint("green", `\n✓ ${example.name}: ${verdict}`)
      : paint("red", `\n✗ ${example.name}: ${verdict}`),
  );
  return green;
}

/** @param {string} scratch @param {import("./setup.mjs").Ground} ground */
async function showExamples(scratch, ground) {
  const start = performance.now();
  let green = 0;
  const chosen = EXAMPLES.filter((example) => example.needs !== "python" || ground.python);
  for (const example of chosen) if (await showExample(example, scratch, ground.sandbox)) green += 1;
  for (const { name } of EXAMPLES.filter((example) => !chosen.includes(example))) {
    console.log(paint("yellow", `\n- ${name}: left out, because python3 was not found`));
  }
  console.log(
    `\n${green} of ${chosen.length} examples repaired in ${seconds(performance.now() - start)}; all of it is in ${scratch}`,
  );
  console.log(`
The offline engine repairs small mistakes that a test shows, and nothing else. For everything else configure a model:
  export OPENAI_API_KEY=…                    then: ${QUIRE} exec "your task"
or any endpoint that speaks the Responses API, in ${path.join(homedir(), ".quire", "config.toml")}:
  model = "MODEL-NAME"
  model_provider = "mine"
  [model_providers.mine]
  base_url = "http://localhost:8000/v1"
  env_key = "MY_KEY"                         # the variable that holds the key; leave out if there is none

Your own repository, in a copy:  npm run demo -- PATH "make the failing test pass"`);
  return green === chosen.length;
}

/** @param {string} scratch @param {string} given @param {string} task @param {string[]} options */
async function showOwn(scratch, given, task, options) {
  const copy = await copyRepository(
    path.resolve(process.env.INIT_CWD ?? ".", given),
    path.join(scratch, "copy"),
  );
  console.log(`demo: working in a copy of ${copy.original}: ${copy.root}`);
  const code = await quireExec([...options, task], { cwd: copy.cwd, env: process.env });
  heading("what changed");
  const changed = await showDiff(copy.root);
  if (changed) {
    heading("to take it over");
    console.log(`  git -C ${copy.root} diff --cached --binary HEAD | git -C ${copy.original} apply`);
  }
  console.log(`\nquire ended with exit code ${code}; your repository is as it was`);
  return code === 0;
}

async function main() {
  const [given, task, ...options] = process.argv.slice(2);
  if (given !== undefined && (task === undefined || given.startsWith("-"))) {
    console.error('Usage: npm run demo [-- PATH "task" [options of quire exec]]');
    return 2;
  }
  const ground = await setup();
  if (!ground.ready || !(await buildCli())) return 1;
  const scratch = mkdtempSync(path.join(tmpdir(), "quire-demo-"));
  const done =
    given !== undefined && task !== undefined
      ? await showOwn(scratch, given, task, options)
      : await showExamples(scratch, ground);
  return done ? 0 : 1;
}

process.exitCode = await main().catch((error) => {
  console.error(`demo: ${error instanceof Error ? error.message : error}`);
  return 1;
});
