import { CodedError } from "@quire/protocol";
import { readThreadNames } from "./thread-names.ts";

/** Fewer letters of an id would match by accident. */
const SHORTEST_PREFIX = 4;
const MOST_LISTED = 5;

/**
 * The one of `threads` that `wanted` means: its id, the beginning of its id, or its name. Fails with `thread_not_found`;
 * where several fit, the message lists them.
 */
export function pickThread<Thread extends { id: string }>(
  wanted: string,
  threads: Iterable<Thread>,
  home: string,
): Thread {
  const id = wanted.toLowerCase();
  const mayBeId = id.length >= SHORTEST_PREFIX && /^[0-9a-f-]+$/.test(id);
  const names = readThreadNames(home);
  const found: Thread[] = [];
  for (const thread of threads) {
    if (thread.id === id) return thread;
    if ((mayBeId && thread.id.startsWith(id)) || names.get(thread.id) === wanted) found.push(thread);
  }
  const [only, second] = found;
  if (only && !second) return only;
  const shown = JSON.stringify(wanted);
  if (!only) {
    throw new CodedError("thread_not_found", `there is no thread with the id or name ${shown} in ${home}`, {
      nextStep: "Give an id as printed at the end of a run, the beginning of one, or a name.",
    });
  }
  const listed = found.slice(0, MOST_LISTED).map(({ id }) => {
    const name = names.get(id);
    return name === undefined ? id : `${id} (${name})`;
  });
  const more = found.length > listed.length ? `, and ${found.length - listed.length} more` : "";
  throw new CodedError("thread_not_found", `several threads fit ${shown}: ${listed.join(", ")}${more}`, {
    nextStep: "Give the whole id of the one you mean.",
  });
}
