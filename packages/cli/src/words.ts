import { type ParseArgsConfig, parseArgs } from "node:util";
import { CodedError } from "@quire/protocol";
import { EXIT } from "./exit-code.ts";
import type { System } from "./system.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Reads the words behind a command. Fails with `usage_invalid`, naming the word that is wrong. */
export function parseWords<T extends Options>(command: string, argv: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    // Node's own texts go on to explain `--` at length.
    throw wrongUse(command, (message.split(". ")[0] ?? message).replace(/\.$/, ""), cause);
  }
}

/** Answers `--help`; the exit code. */
export function showHelp(help: string, { stdout }: Pick<System, "stdout">): number {
  stdout.write(help);
  return EXIT.done;
}

/** The error for words that a command does not understand. */
export function wrongUse(command: string, message: string, cause?: unknown): CodedError {
  return new CodedError("usage_invalid", message, { cause, nextStep: `See: quire ${command} --help` });
}
