import type { CellSpec } from "@quire/sandbox";
import { checkInterpreter, interpreterCell } from "./interpreter-cell.ts";
import type { MultiplLanguage } from "./languages.ts";
import { nodeCell } from "./node-cell.ts";
import { readCompiler } from "./typescript-compiler.ts";

/** What judges samples, and what is to be said about that. */
export interface SampleJudge {
  readonly cell: CellSpec;
  readonly oneSampleEach?: boolean;
  /** Results count again only under the same name. */
  readonly name: string;
  /** Full sentences. */
  readonly notes: readonly string[];
}

export interface MultiplJudgeOptions {
  /** Absolute: an interpreter for JavaScript. */
  readonly node: string;
  /** Of one sample. */
  readonly memoryBytes: number;
  /** The folder of the npm package `typescript`, to check types with; undefined leaves them unchecked. */
  readonly typescript: string | undefined;
}

const UNCHECKED =
  "Types were taken out and not checked. MultiPL-E compiles with tsc and counts a type error as a failure, so its own figures can be lower; --typescript DIR does as it does.";

/** The judge for a language. Fails with `usage_invalid` where a program or package that it needs is missing. */
export async function multiplJudge(
  { id, interpreter }: MultiplLanguage,
  { node, memoryBytes, typescript }: MultiplJudgeOptions,
): Promise<SampleJudge> {
  if (interpreter !== undefined) {
    await checkInterpreter(interpreter);
    const cell = interpreterCell(interpreter, { node, memoryBytes });
    return { cell, oneSampleEach: true, name: "", notes: [] };
  }
  const options = { node, memoryBytes };
  if (id !== "ts") return { cell: nodeCell({ ...options, types: "none" }), name: "", notes: [] };
  if (typescript === undefined)
    return { cell: nodeCell({ ...options, types: "unchecked" }), name: "", notes: [UNCHECKED] };
  const compiler = readCompiler(typescript);
  const name = `TypeScript ${compiler.version}`;
  const notes = [`Types were checked by ${name}, not in strict mode, as MultiPL-E does.`];
  return { cell: nodeCell({ ...options, types: compiler }), name, notes };
}
