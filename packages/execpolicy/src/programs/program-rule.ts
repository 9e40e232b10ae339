import type { Requirement } from "../command-context.ts";
import { type OptionSpec, parseOptionSpec, scanOptions } from "./option-spec.ts";

/** What a table says about one command line: harmless if these paths may be read, or a reason to ask. */
export type ProgramVerdict =
  | { kind: "read-only"; paths: string[]; requires?: Requirement }
  | { kind: "ask"; why: string };

/**
 * Judges the arguments of one program. `globs[i]` is true where `args[i]` is a pattern that bash may turn into
 * any number of file names.
 */
export interface ProgramRule {
  judge(args: readonly string[], globs: readonly boolean[]): ProgramVerdict;
  /** Every option the program has is harmless, so a pattern may also expand to names that begin with `-`. */
  anyOptionHarmless: boolean;
  /** The shell runs it itself; there is no file to look up. */
  builtin?: boolean;
}

export const ask = (why: string): ProgramVerdict => ({ kind: "ask", why });

/** How operands are read: all as files, all as text, or the first as a pattern. */
type Operands = "files" | "text" | "none" | "one-file";

interface OptionTable {
  operands: Operands;
  anyOptionHarmless?: boolean;
  builtin?: boolean;
  /** See OptionSpec. */
  separateValues?: boolean;
  /** A last look at the accepted options and operands; a string is a reason to ask. */
  check?(
    options: readonly { name: string; value: string | null }[],
    operands: readonly string[],
  ): string | null;
}

/** A rule that is an option table and one statement about the operands. */
export function optionTable(notation: string, table: OptionTable): ProgramRule {
  let spec: OptionSpec | undefined;
  return {
    anyOptionHarmless: table.anyOptionHarmless ?? false,
    builtin: table.builtin ?? false,
    judge(args, globs) {
      spec ??= parseOptionSpec(`${notation} --help --version`, table.separateValues);
      const scan = scanOptions(args, spec);
      if (scan.kind === "refused") return ask(`the option ${scan.option} is not on the read-only list`);
      const reason = table.check?.(scan.options, scan.operands) ?? null;
      if (reason !== null) return ask(reason);
      if (table.operands === "none" && scan.operands.length > 0)
        return ask("an operand is not expected here");
      // Under POSIXLY_CORRECT an option behind the operand is an operand too, hence the last comparison.
      if (
        table.operands === "one-file" &&
        (scan.operands.length > 1 ||
          globs.includes(true) ||
          (scan.operands.length === 1 && args[args.length - 1] !== scan.operands[0]))
      ) {
        return ask("a second operand could be written to");
      }
      const files = table.operands === "text" ? [] : scan.operands.filter((operand) => operand !== "-");
      return { kind: "read-only", paths: [...scan.paths, ...files] };
    },
  };
}
