import fs from "node:fs";
import { join } from "node:path";
import { rewriteFile } from "@quire/config";
import { CodedError, type UserInput, UserInputSchema } from "@quire/protocol";
import * as z from "zod/mini";
import { isThreadId } from "../thread/thread-id.ts";

/** A message that waits for its thread to have time. */
export interface QueuedMessage {
  id: string;
  input: UserInput[];
  /** What the client calls the message. */
  clientId: string;
  /** The client's own; kept and given back. */
  metadata: Record<string, string> | null;
  /** It was about to become a turn. Seen after a crash, it is unknown whether it has. */
  starting?: boolean;
}

const MAX_MESSAGES = 1000;
const MAX_CHARS = 64 * 1024 * 1024;

/** The queue of a thread, first in first out; empty where there is none. Fails with `storage_failed`. */
export function readQueue(home: string, threadId: string): QueuedMessage[] {
  const file = queueFile(home, threadId);
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return [];
    throw cause;
  }
  return parse(file, text);
}

/**
 * Changes the queue as one step, also among several processes; a crash leaves the old or the new one. Fails with
 * `usage_invalid` when it gets too large and with `storage_failed` when the file cannot be read, and then nothing has changed.
 */
export async function changeQueue(
  home: string,
  threadId: string,
  change: (messages: readonly QueuedMessage[]) => readonly QueuedMessage[],
): Promise<readonly QueuedMessage[]> {
  const file = queueFile(home, threadId);
  let after: readonly QueuedMessage[] = [];
  await rewriteFile(file, async (text) => {
    after = change(text === null ? [] : parse(file, text));
    const next = JSON.stringify({ version: 1, messages: after });
    if (after.length > MAX_MESSAGES || next.length > MAX_CHARS) throw tooMuch(threadId);
    return next;
  });
  return after;
}

/** For a thread that is no more. */
export function removeQueue(home: string, threadId: string): void {
  fs.rmSync(queueFile(home, threadId), { force: true });
}

function queueFile(home: string, threadId: string): string {
  if (!isThreadId(threadId)) throw new CodedError("thread_not_found", `${threadId} is no id of a thread`);
  return join(home, "queues", `${threadId}.json`);
}

function parse(file: string, text: string): QueuedMessage[] {
  const Stored = z.object({
    version: z.literal(1),
    messages: z.array(
      z.object({
        id: z.string(),
        input: z.array(UserInputSchema),
        clientId: z.string(),
        metadata: z.nullable(z.record(z.string(), z.string())),
        starting: z.optional(z.boolean()),
      }),
    ),
  });
  try {
    return Stored.parse(JSON.parse(text)).messages.map(({ starting, ...message }) =>
      starting ? { ...message, starting } : message,
    );
  } catch (cause) {
    throw new CodedError("storage_failed", `the queue of messages in ${file} cannot be read`, {
      cause,
      nextStep: "Put the file right, or move it away to begin an empty queue.",
    });
  }
}

function tooMuch(threadId: string): CodedError {
  return new CodedError(
    "usage_invalid",
    `the queue of thread ${threadId} is full: it holds ${MAX_MESSAGES} messages of 64 MiB together`,
    { nextStep: "Delete messages that are no longer wanted, or wait until some have been worked on." },
  );
}
