/**
 * The program of a judging worker that runs one sample as a file of an interpreter's, with the protocol of the Python
 * one, and ends. As in MultiPL-E a sample passes when the interpreter ends with 0. It is the first process of its cell, so
 * that it can end everything else; a sample could reach into it through /proc, and gains no more than by ending with 0.
 *
 * `process.argv[1]` is JSON: `interpreter`, a name on PATH, and `failureWord`, which printed means failed too, or null.
 */
export const INTERPRETER_JUDGE_SOURCE = String.raw`
const { mkdirSync, writeFileSync } = require("node:fs");
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

createInterface({ input: process.stdin }).once("line", async (line) => {
  const { id, program, timeout } = JSON.parse(line);
  const verdict = await judge(program, timeout).catch((error) => ["failed: " + error.message, "not run"]);
  process.stdout.write(JSON.stringify([[id, ...verdict]]) + "\n", () => process.exit());
});
`;
