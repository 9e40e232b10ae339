import path from "node:path";
import type { Client } from "@quire/client";
import { findLastThread, findThread, listQueues } from "@quire/core";
import { CodedError, visibleLine } from "@quire/protocol";
import type { ClientResult, QueuedSubmission, WireUserInput } from "@quire/protocol/app-server";
import { asCodedError, openLocalDoor } from "../engine/local-door.ts";
import { serverBase } from "../engine/thread-config.ts";
import { readPrompt } from "../exec/prompt.ts";
import { EXIT } from "../exit-code.ts";
import type { System } from "../system.ts";
import { VERSION } from "../version.ts";
import { wrongUse } from "../words.ts";
import type { QueueRequest, WantedThread } from "./queue-arguments.ts";

export interface QueueSurroundings {
  system: System;
  home: string;
  overrides: readonly string[];
  json: boolean;
}

/** What waits for one thread. */
interface Waiting {
  threadId: string;
  messages: QueuedSubmission[];
}

const PAGE = 500;
const SHOWN_CHARACTERS = 200;

/** Looks at the queue of a thread, or changes it, as any other client of the engine does. */
export async function runQueueAction(request: QueueRequest, around: QueueSurroundings): Promise<number> {
  const { home, system, overrides } = around;
  const threadId = request.thread === null ? null : idOf(request.thread, around);
  if (request.action === "run") return workOn(threadId, around);
  const door = await openLocalDoor(serverBase({ system, home, overrides }), {
    clientInfo: { name: "quire", version: VERSION },
    capabilities: null,
  });
  try {
    await act(door.client, request, threadId, around);
  } catch (thrown) {
    throw asCodedError(thrown);
  } finally {
    await door.close();
  }
  return request.action === "add" && request.resume ? workOnIfFree(threadId, around) : EXIT.done;
}

/** A thread that is open elsewhere has somebody who begins with the message. */
async function workOnIfFree(threadId: string | null, around: QueueSurroundings): Promise<number> {
  try {
    return await workOn(threadId, around);
  } catch (thrown) {
    if (!(thrown instanceof CodedError) || thrown.code !== "thread_busy") throw thrown;
    around.system.stderr.write("The thread is open in another process, which works on its queue.\n");
    return EXIT.done;
  }
}

async function act(
  client: Client,
  request: QueueRequest,
  threadId: string | null,
  around: QueueSurroundings,
): Promise<void> {
  const show = (waiting: readonly Waiting[]) => showWaiting(waiting, around);
  if (threadId === null) {
    const all = await Promise.all(listQueues(around.home).map((id) => readOrNothing(client, id)));
    show(all.filter(({ messages }) => messages.length > 0));
    return;
  }
  switch (request.action) {
    case "add":
      await add(client, request, threadId, around);
      break;
    case "remove":
      for (const id of idsOf(request.which, await read(client, threadId))) await remove(client, threadId, id);
      break;
    case "clear":
      for (const { id } of (await read(client, threadId)).messages) await remove(client, threadId, id);
      break;
  }
  show([await read(client, threadId)]);
}

async function add(
  client: Client,
  { message, images }: Extract<QueueRequest, { action: "add" }>,
  threadId: string,
  { system }: QueueSurroundings,
): Promise<void> {
  const hasImages = images.length > 0;
  if (message === null && system.stdin.isTTY && !hasImages)
    throw wrongUse("queue", "say what the message is");
  const text = await readPrompt({ argument: message, optional: hasImages }, system);
  const input: WireUserInput[] = [
    ...(text === null ? [] : [{ type: "text" as const, text }]),
    ...images.map((image) => ({ type: "localImage" as const, path: path.resolve(system.cwd, image) })),
  ];
  await client.request("thread/queue/add", {
    threadId,
    input,
    clientUserMessageId: `quire-queue-${system.now()}`,
  });
}

async function remove(client: Client, threadId: string, queuedSubmissionId: string): Promise<void> {
  const { deleted } = await client.request("thread/queue/delete", { threadId, queuedSubmissionId });
  if (deleted) return;
  throw new CodedError("usage_invalid", `message ${queuedSubmissionId} does not wait any more`, {
    nextStep: `See what waits: quire queue list ${threadId}`,
  });
}

async function read(client: Client, threadId: string): Promise<Waiting> {
  const messages: QueuedSubmission[] = [];
  let cursor: string | null = null;
  do {
    const page: ClientResult<"thread/queue/list"> = await client.request("thread/queue/list", {
      threadId,
      cursor,
      limit: PAGE,
    });
    messages.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return { threadId, messages };
}

/** The queue of a thread that was archived stays with it, and is not listed. */
async function readOrNothing(client: Client, threadId: string): Promise<Waiting> {
  try {
    return await read(client, threadId);
  } catch (thrown) {
    const error = asCodedError(thrown);
    if (error instanceof CodedError && error.code === "thread_not_found") return { threadId, messages: [] };
    throw error;
  }
}

function idsOf(which: readonly string[], { threadId, messages }: Waiting): string[] {
  return which.map((word) => {
    const found = messages.find(({ id }, at) => id === word || String(at + 1) === word);
    if (found !== undefined) return found.id;
    throw new CodedError("usage_invalid", `no message ${JSON.stringify(word)} waits for thread ${threadId}`, {
      nextStep: `See what waits: quire queue list ${threadId}`,
    });
  });
}

function idOf(wanted: WantedThread, { home, system }: QueueSurroundings): string {
  return wanted.kind === "last"
    ? findLastThread(home, wanted.all ? null : system.cwd).id
    : findThread(home, wanted.thread).id;
}

async function workOn(threadId: string | null, around: QueueSurroundings): Promise<number> {
  if (threadId === null) throw wrongUse("queue", "say which thread");
  const { workOnQueue } = await import("./work-on-queue.ts");
  return workOnQueue(threadId, around);
}

function showWaiting(waiting: readonly Waiting[], { system, json }: QueueSurroundings): void {
  const { stdout } = system;
  if (json) {
    stdout.write(`${JSON.stringify({ threads: waiting }, null, 2)}\n`);
    return;
  }
  for (const { threadId, messages } of waiting) {
    const count = messages.length === 1 ? "1 message waits" : `${messages.length || "no"} messages wait`;
    stdout.write(`${threadId}  ${count}\n`);
    for (const [at, message] of messages.entries()) stdout.write(`  ${at + 1}  ${wordsOf(message)}\n`);
  }
  if (waiting.length === 0) stdout.write("No message waits for any thread.\n");
}

function wordsOf({ input }: QueuedSubmission): string {
  const words = input.map((part) =>
    part.type === "text" ? part.text : part.type === "localImage" ? `[${part.path}]` : "[a picture]",
  );
  const line = visibleLine(words.join(" ").replace(/\s+/g, " ").trim());
  return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
}
