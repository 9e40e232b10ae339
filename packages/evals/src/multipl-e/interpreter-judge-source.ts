/**
 * The program of a judging worker that runs each sample as a file of an interpreter's, with the protocol of the Python
 * one. As in MultiPL-E a sample passes when the interpreter ends with 0. It is the first process of its cell, so that it
 * can end everything else.
 *
 * `process.argv[1]` is JSON: `interpreter`, a name on PATH, and `failureWord`, which printed means failed too, or null.
 */
export const INTERPRETER_JUDGE_SOURCE = String.raw`
const { mkdirSync, readdirSync, rmSync, writeFileSync } = require("node:fs");
const { spawn } = require("node:child_process");
const { createInterface } = require("node:readline");
const { interpreter, failureWord } = JSON.parse(process.argv[1]);
const FOLDER = "/tmp/sample";
const FILE = "program";
const LONGEST = 65536;

/** How the interpreter ended, in words unless it was with 0, and what it printed, the end of it. */
function outcome(seconds) {
  return new Promise((resolve) => {
    const child = spawn(interpreter, [FILE], { cwd: FOLDER, stdio: ["ignore", "pipe", "pipe"] });
    let text = "", late = false, wordSeen = false;
    const hear = (chunk) => {
      text += chunk.toString("utf8");
      wordSeen ||= failureWord !== null && text.includes(failureWord);
      text = text.slice(-LONGEST);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    const timer = setTimeout(() => {
      late = true;
      killAll();
    }, seconds * 1000);
    const end = (how) => {
      clearTimeout(timer);
      resolve({ how, text: text.trim(), late, wordSeen });
    };
    child.on("error", (error) => end(error.message));
    child.on("exit", (code, signal) => {
      // What it left behind may hold its pipes open for ever.
      killAll();
      child.once("close", () => end(code === 0 ? "" : signal === null ? "exit code " + code : "ended by " + signal));
    });
  });
}

function killAll() {
  try {
    process.kill(-1, "SIGKILL");
  } catch {
    // There was nothing.
  }
}

async function judge(program, timeout) {
  mkdirSync(FOLDER);
  writeFileSync(FOLDER + "/" + FILE, program);
  const { how, text, late, wordSeen } = await outcome(timeout);
  if (late) return ["timed out", "timed out"];
  if (how === "" && !wordSeen) return ["passed", ""];
  return ["failed: " + (text || how), how || "tests failed"];
}

(async () => {
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, program, timeout } = JSON.parse(line);
    let verdict;
    try {
      verdict = await judge(program, timeout);
      for (const name of readdirSync("/tmp")) rmSync("/tmp/" + name, { recursive: true, force: true });
    } catch (error) {
      verdict ??= ["failed: " + error.message, "not run"];
    }
    const answer = JSON.stringify([[id, ...verdict]]) + "\n";
    await new Promise((resolve) => process.stdout.write(answer, resolve));
    // Another worker takes over where something could not be taken away.
    if (readdirSync("/tmp").length > 0) process.exit();
  }
})();
`;
