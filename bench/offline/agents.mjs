import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { runTurn } from "./agent-loop.mjs";
import { COUNTED, countCpu } from "./cpu.mjs";
import { makeFolder } from "./workspace.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/**
 * Something that works on a task in a folder within a time budget and answers with its last message.
 * @typedef {object} Agent
 * @property {string} name
 * @property {(work: { cwd: string, task: string, seconds: number }) => Promise<string>} run
 * @property {() => Promise<void>} close
 */

/** The built CLI, as a user starts it: `quire exec` in its sandbox, with a home of its own. */
export async function createCliAgent() {
  const home = await makeFolder("home");
  return {
    name: "quire exec",
    async run({ cwd, task, seconds }) {
      const answer = join(home, "answer.txt");
      await rm(answer, { force: true });
      const command = [
        process.execPath,
        join(root, "bin/quire"),
        "exec",
        "-m",
        "offline-repair",
        "-s",
        "workspace-write",
        "-o",
        answer,
      ];
      await finish(
        spawn("bash", ["-c", COUNTED, ...command, `${task} Take at most ${seconds} seconds.`], {
          cwd,
          env: { ...process.env, QUIRE_HOME: home },
          stdio: ["ignore", "ignore", "pipe", "pipe"],
        }),
      );
      return readFile(answer, "utf8");
    },
    close: () => rm(home, { recursive: true, force: true }),
  };
}

/** The engine alone in a loop of a few lines, for a checkout whose CLI does not build. */
export function createLoopAgent(engine) {
  return {
    name: "the engine in the benchmark's own loop",
    run: ({ cwd, task, seconds }) => runTurn(engine, { cwd, task, seconds }),
    close: async () => {},
  };
}

function finish(child) {
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors = (errors + chunk).slice(-2000);
  });
  countCpu(child.stdio[3]);
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) =>
      code === 0 || code === 1 || code === 4
        ? done()
        : fail(new Error(`quire exec ended with code ${code}: ${errors}`)),
    );
  });
}
