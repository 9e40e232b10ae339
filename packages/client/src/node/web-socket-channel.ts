import type { ClientOptions, WebSocket } from "ws";
import { ClientError } from "../client-error.ts";
import type { MessageChannel, MessageListener } from "../message-channel.ts";

export interface WebSocketChannelOptions {
  /** `ws://` or `wss://`. */
  readonly url: string;
  /** Sent as `Authorization: Bearer …`. */
  readonly token: string | null;
  readonly signal: AbortSignal;
}

/** How long the other end may stay silent before the connection counts as gone; it is asked for a sign twice in that time. */
const SILENCE_MS = 30_000;
const HANDSHAKE_MS = 15_000;

/**
 * Connects to an app-server's WebSocket. Fails with `connection_failed`, and with `connection_refused` where trying again
 * does not help: the token is wrong, or what answers is no app-server.
 */
export async function webSocketChannel(options: WebSocketChannelOptions): Promise<MessageChannel> {
  const { WebSocket } = await import("ws");
  const { url, token, signal } = options;
  const settings: ClientOptions = { handshakeTimeout: HANDSHAKE_MS, perMessageDeflate: false };
  const socket = new WebSocket(url, {
    ...settings,
    ...(token === null ? {} : { headers: { authorization: `Bearer ${token}` } }),
  });
  const abort = () => socket.terminate();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await opened(socket, url);
  } finally {
    signal.removeEventListener("abort", abort);
  }
  return channelOf(socket);
}

function opened(socket: WebSocket, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("unexpected-response", (_request, response) => {
      const { statusCode = 0 } = response;
      response.resume();
      reject(refusal(url, statusCode));
      socket.terminate();
    });
    // Also after a refusal, when nobody waits for it any more.
    socket.on("error", (cause) => {
      reject(
        new ClientError("connection_failed", `no app-server answers at ${url}: ${cause.message}`, { cause }),
      );
    });
  });
}

function refusal(url: string, status: number): ClientError {
  const why =
    status === 401
      ? "it does not accept the token"
      : status === 403
        ? "it does not go by this name (a tunnel needs the server's own port), or this origin may not connect"
        : `it answers with status ${status}`;
  const isLasting = status >= 400 && status < 500;
  return new ClientError(isLasting ? "connection_refused" : "connection_failed", `${url}: ${why}`);
}

function channelOf(socket: WebSocket): MessageChannel {
  let listener: MessageListener | null = null;
  let reason: string | null = null;
  let isAlive = true;
  const pulse = setInterval(() => {
    if (isAlive) {
      isAlive = false;
      socket.ping();
      return;
    }
    reason = "the other end has been silent";
    socket.terminate();
  }, SILENCE_MS / 2);
  pulse.unref();
  const sign = () => {
    isAlive = true;
  };
  socket.on("pong", sign);
  socket.on("message", (data, isBinary) => {
    sign();
    if (!isBinary) listener?.frame(String(data));
  });
  socket.on("error", (cause) => {
    reason = cause.message;
  });
  socket.on("close", (code, text) => {
    clearInterval(pulse);
    const said = text.toString();
    listener?.closed(reason ?? `the server ended it with code ${code}${said === "" ? "" : `: ${said}`}`);
  });
  return {
    listen(next) {
      listener = next;
    },
    send(frame) {
      if (socket.readyState === socket.OPEN) socket.send(frame);
    },
    close() {
      clearInterval(pulse);
      socket.close(1000);
    },
  };
}
