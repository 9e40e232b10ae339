import * as z from "zod/mini";
import type { ScratchRepository } from "../agent/scratch-repository.ts";

/**
 * How edits were made in one task: what the model wrote for them (`EditLog` says what counts) beside the lines that are
 * really different in the end, taken away and new, with their line ends. A patch's context and headers are written and not
 * changed; a file that is written anew for one word is all written. It is no score: what is right is for the checks.
 */
export const EditBytesSchema = z.object({
  written: z.number(),
  changed: z.number(),
  /** Null where nothing changed, or where files changed in ways that leave no trace in the items. */
  written_per_changed: z.nullable(z.number()),
});
export type EditBytes = z.infer<typeof EditBytesSchema>;

/** The same of a run, over the tasks whose ratio is known. */
export interface RunEditBytes extends EditBytes {
  readonly tasks: number;
}

/** Null where one side is not known. The folder is looked at only when something was asked to write. */
export async function editBytes(
  written: number | null,
  repository: Pick<ScratchRepository, "changedBytes">,
): Promise<EditBytes | null> {
  const changed = written === null ? null : await repository.changedBytes();
  if (written === null || changed === null) return null;
  const isKnown = written > 0 && changed > 0;
  return { written, changed, written_per_changed: isKnown ? written / changed : null };
}

/** Sums, and their ratio; null where no task has one. */
export function runEditBytes(
  rows: readonly { readonly edit_bytes?: EditBytes | null | undefined }[],
): RunEditBytes | null {
  const known = rows.flatMap(({ edit_bytes }) => (edit_bytes?.written_per_changed ? [edit_bytes] : []));
  if (known.length === 0) return null;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const written = sum(known.map((each) => each.written));
  const changed = sum(known.map((each) => each.changed));
  return { written, changed, written_per_changed: written / changed, tasks: known.length };
}
