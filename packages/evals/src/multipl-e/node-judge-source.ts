/**
 * The JavaScript program of a judging worker, with the protocol of the Python one. Every sample is an isolate of its own
 * (a worker thread), which is warm work for the process and nothing of which another sample sees. As in MultiPL-E a
 * sample passes when it ends by itself with code 0.
 */
export const NODE_JUDGE_SOURCE = String.raw`
const { Worker } = require("node:worker_threads");
const { createInterface } = require("node:readline");
const megabytes = Number(process.argv[1]);

function judge({ program, timeout }) {
  return new Promise((resolve) => {
    const worker = new Worker(program, {
      eval: true, stdin: false, stdout: true, stderr: true, env: {},
      resourceLimits: { maxOldGenerationSizeMb: megabytes },
    });
    worker.stdout.resume();
    worker.stderr.resume();
    let verdict;
    const timer = setTimeout(() => {
      verdict = ["timed out", "timed out"];
      void worker.terminate();
    }, timeout * 1000);
    worker.on("error", (error) => {
      const name = error && error.name ? String(error.name) : "Error";
      const message = error && error.message ? String(error.message) : String(error);
      verdict ??= ["failed: " + message.slice(0, 65536), name.slice(0, 80)];
    });
    worker.on("exit", (code) => {
      clearTimeout(timer);
      resolve(verdict ?? (code === 0 ? ["passed", ""] : ["failed: exit code " + code, "exit code"]));
    });
  });
}

(async () => {
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    const [result, reason] = await judge(request);
    process.stdout.write(JSON.stringify([[request.id, result, reason]]) + "\n");
  }
})();
`;
