/**
 * The program of a judging worker for JavaScript and TypeScript, with the protocol of the Python one. Every sample is an
 * isolate of its own (a worker thread), which is warm work for the process and nothing of which another sample sees. As
 * in MultiPL-E a sample passes when it ends by itself with code 0.
 *
 * `process.argv[1]` is JSON: `megabytes` of heap for a sample; `stripper`, the file of a library that takes types out of
 * TypeScript, or null; `compiler`, that of TypeScript's own, which checks them first, or null.
 */
export const NODE_JUDGE_SOURCE = String.raw`
const { readdirSync, rmSync } = require("node:fs");
const { Worker } = require("node:worker_threads");
const { createInterface } = require("node:readline");
const { megabytes, stripper, compiler } = JSON.parse(process.argv[1]);
const { transformSync } = stripper === null ? {} : require(stripper);
const ts = compiler === null ? null : require(compiler);

/** What of a verdict is anybody's words is kept to this length. */
const LONGEST = 65536;
const failed = (error) => {
  const name = error && error.name ? String(error.name) : "Error";
  const message = error && error.message ? String(error.message) : String(error);
  return ["failed: " + message.slice(0, LONGEST), name.slice(0, 80)];
};

/** Out here, because an isolate would have to load the libraries for itself. */
function withoutTypes(program) {
  try {
    if (ts !== null) return compiled(program);
    return { program: stripper === null ? program : transformSync(program, { mode: "transform" }).code };
  } catch (error) {
    // What is no word about the program has left the library in a state that nobody knows.
    const isSyntax = typeof error === "object" && error !== null && error.code === "InvalidSyntax";
    return { verdict: failed(isSyntax ? new SyntaxError(error.message) : error), spoiled: !isSyntax };
  }
}

/** The files of the language itself, read once. */
const declarations = new Map();

/** What MultiPL-E has tsc do: --target esnext, and otherwise what was usual before strictness was. */
function compiled(text) {
  // Its own declarations are known to be right.
  const options = { target: ts.ScriptTarget.ESNext, strict: false, types: [], skipLibCheck: true };
  const usual = ts.createCompilerHost(options);
  let emitted = "";
  const host = {
    ...usual,
    getSourceFile(name, ...rest) {
      if (name === "sample.ts") return ts.createSourceFile(name, text, ...rest);
      if (!declarations.has(name)) declarations.set(name, usual.getSourceFile(name, ...rest));
      return declarations.get(name);
    },
    writeFile: (_, code) => { emitted = code; },
  };
  const program = ts.createProgram(["sample.ts"], options, host);
  const [first] = ts.getPreEmitDiagnostics(program);
  if (first !== undefined) {
    const said = ts.formatDiagnostic(first, host).trim().slice(0, LONGEST);
    return { verdict: ["failed: " + said, "type error"] };
  }
  program.emit();
  return { program: emitted };
}

function judge(program, timeout) {
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
      verdict ??= failed(error);
    });
    worker.on("exit", (code) => {
      clearTimeout(timer);
      resolve(verdict ?? (code === 0 ? ["passed", ""] : ["failed: exit code " + code, "exit code"]));
    });
  });
}

/** Nothing of a sample stays: no process that it started, no file. */
function sweep() {
  try {
    process.kill(-1, "SIGKILL");
  } catch {
    // There was none.
  }
  for (const name of readdirSync("/tmp")) rmSync("/tmp/" + name, { recursive: true, force: true });
}

(async () => {
  // Loading is nothing that a sample should wait for, let alone one after another.
  withoutTypes("");
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, program, timeout } = JSON.parse(line);
    const plain = withoutTypes(program);
    const [result, reason] = plain.verdict ?? (await judge(plain.program, timeout));
    sweep();
    const answer = JSON.stringify([[id, result, reason]]) + "\n";
    await new Promise((resolve) => process.stdout.write(answer, resolve));
    if (plain.spoiled) process.exit();
  }
})();
`;
