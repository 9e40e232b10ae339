import { runCommandLine } from "./command-line.ts";
import { EXIT } from "./exit-code.ts";

const { stdout, stderr } = process;

// Writing to a file throws at whoever writes, wherever that is (a full disk); to a pipe it is told by an event.
for (const stream of [stdout, stderr]) {
  const write = stream._write.bind(stream);
  stream._write = (chunk, encoding, done) => {
    try {
      write(chunk, encoding, done);
    } catch (thrown) {
      done(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  };
}

// A reader that closes our output early (`| head`) is not an error worth a word; progress that nobody can read neither.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") stderr.write(`quire: the output cannot be written: ${error.message}\n`);
  process.exit(EXIT.failed);
});
stderr.on("error", () => process.exit(EXIT.failed));

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
