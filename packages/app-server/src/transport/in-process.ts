import type { MessageChannel, MessageListener } from "@quire/client";
import type { AcceptChannel } from "../channel.ts";

/**
 * The client's end of a connection within this process. Frames are passed on as they are, in order, each after the work
 * that sent it; neither side may change what it got.
 */
export function connectInProcess(accept: AcceptChannel): MessageChannel {
  let client: MessageListener | null = null;
  let over = false;
  const settled = Promise.resolve();
  const server = accept({
    send: () => true,
    sendValue: (frame) => {
      // What this throws is the client's fault and must be seen. (`queueMicrotask` loads what costs a start milliseconds.)
      void settled.then(() => {
        if (!over) client?.value(frame);
      });
    },
    close: () => end(),
  });

  function end(): void {
    if (over) return;
    over = true;
    server.closed();
    client?.closed(null);
  }

  return {
    send: (frame) => server.frame(frame),
    sendValue: (frame) => server.value(frame),
    listen: (listener) => {
      client = listener;
    },
    close: end,
  };
}
