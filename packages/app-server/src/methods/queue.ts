import type { QueuedMessage } from "@quire/core";
import { CodedError } from "@quire/protocol";
import type { QueuedSubmission } from "@quire/protocol/app-server";
import type { Engine } from "../engine.ts";
import { pageOf } from "../page.ts";
import type { LoadedThreads } from "../threads/loaded-threads.ts";
import { startedTurnView } from "../wire/turn-view.ts";
import type { Handlers } from "./handlers.ts";
import { emptyInput, inputOf } from "./turns.ts";

type QueueMethod =
  | "thread/queue/add"
  | "thread/queue/list"
  | "thread/queue/update"
  | "thread/queue/delete"
  | "thread/queue/reorder"
  | "thread/queue/start";

/** Messages that wait for a thread, whether or not it is open here. */
export function queueMethods(
  { queues, threads }: Pick<Engine, "queues" | "threads">,
  loaded: LoadedThreads,
): Handlers<QueueMethod> {
  const requireQueue = (threadId: string) => {
    const thread = loaded.find(threadId);
    if (thread === null) threads.find(threadId);
    if (!thread?.ephemeral) return;
    const message = `ephemeral thread does not support queued submissions: ${threadId}`;
    throw new CodedError("usage_invalid", message);
  };
  const changed = (threadId: string) => loaded.find(threadId)?.queue.tellChanged();
  /** A message that becomes a turn just now is no longer one of the queue. */
  const isStarting = (threadId: string, id: string) => loaded.find(threadId)?.queue.isStarting(id) ?? false;
  return {
    async "thread/queue/add"({ threadId, input, clientUserMessageId, responsesapiClientMetadata }, call) {
      requireQueue(threadId);
      if (input.length === 0) throw emptyInput();
      const message: QueuedMessage = {
        id: queues.newId(),
        input: inputOf(input),
        clientId: clientUserMessageId,
        metadata: responsesapiClientMetadata ?? null,
      };
      await queues.change(threadId, (all) => [...all, message]);
      call.afterwards(() => {
        changed(threadId);
        loaded.find(threadId)?.queue.run();
      });
      return { queuedSubmission: submissionView(message) };
    },
    "thread/queue/list"({ threadId, cursor, limit }) {
      requireQueue(threadId);
      const { data, nextCursor } = pageOf(queues.read(threadId), ({ id }) => id, { cursor, limit });
      return { data: data.map(submissionView), nextCursor };
    },
    async "thread/queue/update"({ threadId, queuedSubmissionId, input, responsesapiClientMetadata }, call) {
      requireQueue(threadId);
      if (input.length === 0) throw emptyInput();
      const metadata = responsesapiClientMetadata ?? {};
      const edited = (message: QueuedMessage): QueuedMessage => ({
        ...message,
        input: inputOf(input),
        ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
      });
      const after = await queues.change(threadId, (all) => {
        if (isStarting(threadId, queuedSubmissionId)) throw unknownMessage(queuedSubmissionId);
        if (!all.some(({ id }) => id === queuedSubmissionId)) throw unknownMessage(queuedSubmissionId);
        return all.map((each) => (each.id === queuedSubmissionId ? edited(each) : each));
      });
      const message = after.find(({ id }) => id === queuedSubmissionId);
      if (message === undefined) throw unknownMessage(queuedSubmissionId);
      call.afterwards(() => changed(threadId));
      return { queuedSubmission: submissionView(message) };
    },
    async "thread/queue/delete"({ threadId, queuedSubmissionId }, call) {
      requireQueue(threadId);
      if (!queues.read(threadId).some(({ id }) => id === queuedSubmissionId)) return { deleted: false };
      let deleted = false;
      await queues.change(threadId, (all) => {
        const rest = all.filter(({ id }) => id !== queuedSubmissionId);
        deleted = rest.length < all.length && !isStarting(threadId, queuedSubmissionId);
        return deleted ? rest : all;
      });
      if (deleted) call.afterwards(() => changed(threadId));
      return { deleted };
    },
    async "thread/queue/reorder"({ threadId, queuedSubmissionIds }, call) {
      requireQueue(threadId);
      await queues.change(threadId, (all) => inOrder(all, queuedSubmissionIds));
      call.afterwards(() => changed(threadId));
      return {};
    },
    async "thread/queue/start"({ threadId, queuedSubmissionId }, call) {
      requireQueue(threadId);
      const thread = loaded.get(threadId);
      loaded.join(thread, call.connection);
      call.afterwards(thread.hold());
      const running = await thread.queue.start(queuedSubmissionId ?? null);
      return { turn: startedTurnView(running.id) };
    },
  };
}

function submissionView({ id, input, clientId, metadata }: QueuedMessage): QueuedSubmission {
  return {
    id,
    input: input.map((part) => (part.type === "text" ? { ...part, text_elements: [] } : part)),
    clientUserMessageId: clientId,
    responsesapiClientMetadata: metadata,
  };
}

function inOrder(messages: readonly QueuedMessage[], ids: readonly string[]): QueuedMessage[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const ordered = [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
  if (ordered.length === messages.length && ids.length === messages.length) return ordered;
  throw new CodedError("usage_invalid", "queue reorder must include every queued submission exactly once", {
    nextStep: "Read the queue with thread/queue/list; it may have changed meanwhile.",
  });
}

function unknownMessage(id: string): CodedError {
  return new CodedError("usage_invalid", `queued submission not found: ${id}`);
}
