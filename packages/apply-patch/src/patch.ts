/** One line of a chunk: kept (" "), removed ("-") or added ("+"). `text` has neither the sign nor a line ending. */
export interface ChunkLine {
  readonly op: " " | "-" | "+";
  readonly text: string;
}

/** One place to change in a file. */
export interface Chunk {
  /** Texts after `@@`, outermost first; each is looked for below the one before it. Empty for a bare `@@`. */
  readonly contexts: readonly string[];
  readonly lines: readonly ChunkLine[];
  /** The removed and kept lines are the last lines of the file. */
  readonly endOfFile: boolean;
  /** 1-based line of the patch text where the chunk begins. */
  readonly line: number;
}

/** What a patch asks of one file. Paths are exactly as written in the patch. `line` is 1-based. */
export type PatchSection =
  | { readonly kind: "add"; readonly path: string; readonly lines: readonly string[]; readonly line: number }
  | { readonly kind: "delete"; readonly path: string; readonly line: number }
  | {
      readonly kind: "update";
      readonly path: string;
      readonly movePath?: string;
      readonly chunks: readonly Chunk[];
      readonly line: number;
    };

/** A parsed patch. Sections apply in order, each to the result of the one before. */
export interface Patch {
  readonly sections: readonly PatchSection[];
  /** From an optional `*** Environment ID:` line after the first; carried, never interpreted here. */
  readonly environmentId?: string;
}
