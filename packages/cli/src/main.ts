import { runCommandLine } from "./command-line.ts";
import { EXIT } from "./exit-code.ts";

// A reader that closes our output early (`| head`) is not an error worth a stack trace.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.failed);
    throw error;
  });
}

// Node ends quietly, and with success, once nothing is left to wait for. Work that is not done by then has failed.
const onIdle = () => {
  process.stderr.write(
    "quire: the process ran out of things to wait for before its work was done; this is a bug\n",
  );
  process.exitCode = EXIT.failed;
};
process.once("beforeExit", onIdle);
// No top-level await: the build makes a CommonJS chunk of this file.
void runCommandLine(process.argv.slice(2)).then((exitCode) => {
  process.off("beforeExit", onIdle);
  process.exitCode = exitCode;
});
