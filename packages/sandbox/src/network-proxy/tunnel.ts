import type { Socket } from "node:net";

/** Bytes from the command to the host and back. */
export interface Traffic {
  sent: number;
  received: number;
}

/** Joins two connections until both are done or nothing moves for `idleMs`; resolves when both are gone. */
export function joinSockets(
  client: Socket,
  upstream: Socket,
  options: { readonly idleMs: number; readonly traffic: Traffic },
): Promise<void> {
  const { idleMs, traffic } = options;
  const end = () => {
    client.destroy();
    upstream.destroy();
  };
  client.on("data", (chunk) => {
    traffic.sent += chunk.length;
  });
  upstream.on("data", (chunk) => {
    traffic.received += chunk.length;
  });
  // What passes through touches both, so one that is silent means both are, or that its peer takes nothing.
  for (const socket of [client, upstream]) {
    socket.setTimeout(idleMs, end);
    socket.on("error", end);
  }
  if (client.destroyed) end();
  client.pipe(upstream);
  upstream.pipe(client);
  const closed = [client, upstream].map(
    (socket) =>
      new Promise<void>((resolve) => {
        if (socket.closed) resolve();
        else socket.once("close", () => resolve());
      }),
  );
  // A connection that ended abruptly takes the other with it.
  client.once("close", () => upstream.destroySoon());
  upstream.once("close", () => client.destroySoon());
  return Promise.all(closed).then(() => undefined);
}
