/** A server's queue of messages for tests: what it answers to the methods of the queue. */
export function playedQueue() {
  let messages: { id: string; input: unknown; clientUserMessageId: unknown }[] = [];
  let lastId = 0;
  const add = (input: unknown, clientUserMessageId: unknown = null) => {
    lastId += 1;
    const message = { id: `m${lastId}`, input, clientUserMessageId, responsesapiClientMetadata: null };
    messages = [...messages, message];
    return message;
  };
  const take = (id: unknown) => {
    const found = messages.find((message) => message.id === id);
    messages = messages.filter((message) => message !== found);
    return found;
  };
  return {
    /** As another client does. */
    add: (text: string) => add([{ type: "text", text }], "another's"),
    /** Begins with the first one: it is no longer there. */
    shift: () => take(messages[0]?.id),
    answers: {
      "thread/queue/list": () => ({ data: messages, nextCursor: null }),
      "thread/queue/add": ({ input, clientUserMessageId }: Record<string, unknown>) => ({
        queuedSubmission: add(input, clientUserMessageId),
      }),
      "thread/queue/delete": ({ queuedSubmissionId }: Record<string, unknown>) => ({
        deleted: take(queuedSubmissionId) !== undefined,
      }),
      "thread/queue/start": ({ queuedSubmissionId }: Record<string, unknown>) => {
        take(queuedSubmissionId);
        return { turn: { id: "q", items: [], status: "inProgress" } };
      },
    },
  };
}
