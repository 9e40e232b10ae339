import { type ApplyOptions, applyPatch } from "./apply.ts";
import { formatError, formatSummary } from "./format-result.ts";
import type { PlanOptions } from "./plan.ts";

/** What the command needs from its surroundings; `process.stdin` and the like fit. */
export interface ApplyPatchCliOptions extends PlanOptions, ApplyOptions {
  /** Arguments behind the name of the command. */
  readonly argv: readonly string[];
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

const USAGE = "Usage: apply_patch 'PATCH'\n       echo 'PATCH' | apply_patch\n";

/**
 * The `apply_patch` command: the patch is the only argument or comes on stdin. Resolves to the exit code: 0 applied,
 * 1 refused or failed with nothing changed, 2 wrong usage. Texts and codes are those of Codex's command; error
 * texts continue with what helps to repair the patch.
 */
export async function runApplyPatchCli(options: ApplyPatchCliOptions): Promise<number> {
  const { argv, stdin, stdout, stderr } = options;
  if (argv.length > 1) {
    stderr.write("Error: apply_patch accepts exactly one argument.\n");
    return 2;
  }
  const text = argv[0] ?? (await readAll(stdin));
  if (text === undefined) {
    stderr.write("Error: Failed to read PATCH from stdin.\nstream did not contain valid UTF-8\n");
    return 1;
  }
  if (argv.length === 0 && text === "") {
    stderr.write(USAGE);
    return 2;
  }
  const result = await applyPatch(text, options);
  if (!result.ok) {
    stderr.write(formatError(result.error));
    return 1;
  }
  stdout.write(formatSummary(result.applied.summary));
  if (result.applied.warning !== undefined) stderr.write(`${result.applied.warning}\n`);
  return 0;
}

async function readAll(stdin: AsyncIterable<Uint8Array | string>): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
