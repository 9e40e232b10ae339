import { CodedError } from "@quire/protocol";
import type { System } from "../system.ts";

const STDIN_LIMIT = 16 * 1024 * 1024;
const PATIENCE_MS = 2000;

export interface PromptSource {
  /** What stood on the command line. */
  argument: string | null;
  /** Whether no prompt at all is fine, as it is when a cut-off turn goes on. */
  optional: boolean;
}

/**
 * The prompt of a run. `-` or nothing reads stdin; a prompt together with piped input gets that input appended as a
 * `<stdin>` block, as Codex does. Returns null only when `optional`.
 */
export async function readPrompt(source: PromptSource, system: System): Promise<string | null> {
  const fromStdin = source.argument === null || source.argument === "-";
  const piped = system.stdin.isTTY ? null : await readAll(system);
  const extra = piped !== null && piped.trim() !== "" ? piped : null;
  if (fromStdin) {
    if (extra !== null) return extra.trimEnd();
    if (source.optional) return null;
    throw new CodedError(
      "prompt_empty",
      system.stdin.isTTY ? "no prompt was given" : "the prompt on stdin is empty",
      { nextStep: 'Give the task in words: quire exec "make the failing test pass"' },
    );
  }
  const prompt = source.argument ?? "";
  if (prompt.trim() === "") {
    throw new CodedError("prompt_empty", "the prompt is empty", {
      nextStep: 'Give the task in words: quire exec "make the failing test pass"',
    });
  }
  return extra === null ? prompt : `${prompt}\n\n<stdin>\n${extra.trimEnd()}\n</stdin>`;
}

async function readAll(system: System): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const notice = setTimeout(() => {
    system.stderr.write("Waiting for the end of stdin… (pass </dev/null if nothing comes)\n");
  }, PATIENCE_MS);
  try {
    for await (const chunk of system.stdin) {
      const data = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      bytes += data.length;
      if (bytes > STDIN_LIMIT) {
        throw new CodedError("usage_invalid", `stdin holds more than ${STDIN_LIMIT / 1024 / 1024} MiB`, {
          nextStep: "Put it in a file and name the file in the prompt.",
        });
      }
      chunks.push(data);
    }
  } catch (thrown) {
    if (thrown instanceof CodedError) throw thrown;
    // A closed or broken stdin is the same as an empty one: the prompt may stand on the command line.
    return null;
  } finally {
    clearTimeout(notice);
  }
  return Buffer.concat(chunks).toString("utf8");
}
