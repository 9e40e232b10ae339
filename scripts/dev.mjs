#!/usr/bin/env node
/**
 * `npm run dev -- [--once] ARGS`: builds the CLI, runs it with ARGS, and does both again whenever a source changes;
 * a run that is still going is ended first. With --once it builds and runs once and exits as the CLI did.
 */
import { spawn } from "node:child_process";
import path from "node:path";
import { buildCli, CLI } from "./build.mjs";
import { bundleOptions, root, writeBundle } from "./bundle.mjs";
import { paint, seconds } from "./console.mjs";

const [once, args] =
  process.argv[2] === "--once" ? [true, process.argv.slice(3)] : [false, process.argv.slice(2)];
const cwd = process.env.INIT_CWD ?? process.cwd();

/** @param {AbortSignal} signal ends the run */
function runCli(signal) {
  return new Promise((/** @type {(code: number) => void} */ resolve) => {
    const child = spawn(process.execPath, [path.join(root, "bin/quire"), ...args], {
      cwd,
      signal,
      stdio: "inherit",
    });
    child.on("error", () => resolve(130)); // ended by the signal; "close" would say the same
    child.on("close", (code) => resolve(code ?? 130));
  });
}

async function watch() {
  const esbuild = await import("esbuild");
  let current = new AbortController();
  const context = await esbuild.context({
    ...bundleOptions(CLI),
    logLevel: "warning",
    plugins: [
      {
        name: "run after each build",
        setup(build) {
          let began = 0;
          build.onStart(() => {
            began = performance.now();
          });
          build.onEnd(async ({ errors, outputFiles, metafile }) => {
            current.abort();
            if (errors.length > 0 || !outputFiles || !metafile) return;
            await writeBundle(CLI, { outputFiles, metafile });
            console.error(
              paint("dim", `dev: built in ${seconds(performance.now() - began)}; waiting for changes`),
            );
            current = new AbortController();
            const ended = runCli(current.signal);
            void ended.then((code) => console.error(paint("dim", `dev: exit code ${code}`)));
          });
        },
      },
    ],
  });
  await context.watch();
  process.once("SIGINT", () => {
    current.abort();
    void context.dispose().then(() => process.exit(130));
  });
}

if (!once) await watch();
else if (await buildCli()) process.exitCode = await runCli(new AbortController().signal);
else process.exitCode = 1;
