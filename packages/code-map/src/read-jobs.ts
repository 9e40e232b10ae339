import { createFactReader, type FileFacts, type ReadTask } from "./file-facts.ts";
import { createSymbolReader } from "./read-symbols.ts";
import type { CodeSymbol } from "./symbols.ts";

/** What can be read of a file. */
export interface Readings {
  facts: FileFacts;
  symbols: CodeSymbol[];
}

/** Files to read, and what of them. */
export interface ReadJob {
  kind: keyof Readings;
  tasks: readonly ReadTask[];
}

/** What a thread is started with. */
export interface WorkerStart {
  root: string;
  grammars: string | null;
}

/** Reads files below a root, in the order in which they stand. */
export type JobReader = <Kind extends keyof Readings>(
  kind: Kind,
  tasks: readonly ReadTask[],
) => Promise<Readings[Kind][]>;

export function createJobReader({ root, grammars }: WorkerStart, monotonicMs: () => number): JobReader {
  const readers: { [Kind in keyof Readings]: (task: ReadTask) => Promise<Readings[Kind]> | Readings[Kind] } =
    {
      facts: createFactReader(root),
      symbols: grammars === null ? () => [] : createSymbolReader(root, grammars, monotonicMs),
    };
  return async (kind, tasks) => {
    const readings: Readings[typeof kind][] = [];
    for (const task of tasks) readings.push(await readers[kind](task));
    return readings;
  };
}
