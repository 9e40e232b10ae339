import { EXIT } from "./exit-code.ts";
import { VERSION } from "./version.ts";

/** Entry of the bundle. What can be answered without loading anything is answered first. */
async function main(argv: readonly string[]): Promise<number> {
  const [first] = argv;
  if (argv.length === 1 && (first === "--version" || first === "-V")) {
    process.stdout.write(`quire ${VERSION}\n`);
    return EXIT.done;
  }
  const { runCommandLine } = await import("./command-line.ts");
  return runCommandLine(argv);
}

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
const exitCode = await main(process.argv.slice(2));
process.off("beforeExit", onIdle);
process.exitCode = exitCode;
