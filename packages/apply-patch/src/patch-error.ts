import type { NearestLines } from "./nearest.ts";

/**
 * - `bad_format`: the text is not a patch (`line` says where)
 * - `missing_file`: a file to update or delete is not there
 * - `context_not_found`: an `@@` text or the lines of a chunk are not in the file
 * - `path_refused`: the path guard refused, or the path is not a regular file
 * - `path_conflict`: two sections need one path to be a file and a folder
 * - `stale`: a file changed between planning and writing; nothing was written
 * - `io`: the file system failed; nothing was changed unless `recovery` says otherwise
 */
export type PatchErrorCode =
  | "bad_format"
  | "missing_file"
  | "context_not_found"
  | "path_refused"
  | "path_conflict"
  | "stale"
  | "io";

/** Why a patch was not applied, written so that a model can repair the patch. */
export interface PatchError {
  readonly code: PatchErrorCode;
  /** Several lines, without a final newline. Starts with the sentence that Codex prints in the same case. */
  readonly message: string;
  /** As written in the patch. */
  readonly path?: string;
  /** 0-based among the chunks of this section. */
  readonly chunkIndex?: number;
  /** 1-based line of the patch text. */
  readonly line?: number;
  /** The part of the file that looks most like what was asked for. */
  readonly nearest?: NearestLines;
  /** Set when undoing failed as well: the journal still has what `recoverPatches` needs. */
  readonly recovery?: "pending";
}

/** Either the value or why there is none. */
export type PatchResult<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly error: PatchError };

/** Shorthand for the failing half of a {@link PatchResult}. */
export function failure(error: PatchError): { readonly ok: false; readonly error: PatchError } {
  return { ok: false, error };
}
