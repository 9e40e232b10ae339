import type { CodedError } from "@quire/protocol";
import { wrongUse } from "../words.ts";

/** Which thread is meant. */
export type WantedThread = { kind: "named"; thread: string } | { kind: "last"; all: boolean };

export type QueueRequest =
  | { action: "list"; thread: WantedThread | null }
  | { action: "add"; thread: WantedThread; message: string | null; images: string[]; resume: boolean }
  | { action: "remove"; thread: WantedThread; which: readonly string[] }
  | { action: "clear"; thread: WantedThread }
  | { action: "run"; thread: WantedThread };

export interface QueueValues {
  last?: boolean | undefined;
  all?: boolean | undefined;
  thread?: string | undefined;
  message?: string | undefined;
  image?: string[] | undefined;
  resume?: boolean | undefined;
}

const ACTIONS = ["list", "add", "remove", "clear", "run"] as const;

/** What the words behind `quire queue` ask for. Fails with `usage_invalid`, naming what is wrong. */
export function readQueueArguments(words: readonly string[], values: QueueValues): QueueRequest {
  // `queue --thread T --message M`, as Codex has it, is an add.
  const [first, ...rest] = words.length === 0 && values.message !== undefined ? ["add"] : words;
  const action = ACTIONS.find((known) => known === first);
  if (action === undefined) throw wrong("say list, add, remove, clear or run");
  const { thread, more } = threadOf(rest, values);
  if (action !== "add" && (values.message !== undefined || values.image || values.resume)) {
    throw wrong("--message, --image and --resume go with add");
  }
  if (action !== "add" && action !== "remove" && more.length > 0) throw wrong(`too many words: ${more[0]}`);
  if (action === "list") return { action, thread };
  if (thread === null) throw wrong(`say which thread: quire queue ${action} THREAD, or --last`);
  switch (action) {
    case "add": {
      if (values.message !== undefined && more.length > 0) throw wrong("give the message once");
      const message = values.message ?? (more.length === 0 ? null : more.join(" "));
      return { action, thread, message, images: values.image ?? [], resume: values.resume ?? false };
    }
    case "remove":
      if (more.length === 0) throw wrong("say which message: its place in the list, or its id");
      return { action, thread, which: more };
    default:
      return { action, thread };
  }
}

function threadOf(
  words: readonly string[],
  { last, all, thread }: QueueValues,
): { thread: WantedThread | null; more: readonly string[] } {
  if (last && thread !== undefined) throw wrong("--last and --thread name two threads");
  if (all && !last) throw wrong("--all goes with --last");
  if (last) return { thread: { kind: "last", all: all ?? false }, more: words };
  if (thread !== undefined) return { thread: { kind: "named", thread }, more: words };
  const [first, ...more] = words;
  return first === undefined ? { thread: null, more } : { thread: { kind: "named", thread: first }, more };
}

function wrong(message: string): CodedError {
  return wrongUse("queue", message);
}
