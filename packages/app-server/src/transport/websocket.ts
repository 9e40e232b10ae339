import http from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { type AcceptChannel, type Channel, MAX_FRAME_BYTES } from "../channel.ts";
import type { Listening } from "./unix.ts";
import { admit, type WebSocketRules } from "./websocket-guard.ts";

export interface WebSocketOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  token: string;
  /** Origins of web pages that may connect. */
  origins: readonly string[];
  accept: AcceptChannel;
}

/** Bytes that may wait in the socket before a client counts as slow. */
const HIGH_WATER = 1024 * 1024;
const DRAIN_CHECK_MS = 20;
const MAX_CONNECTIONS = 64;

/** Listens for WebSocket clients, one frame a text message. Plain HTTP requests get a short refusal. */
export async function listenWebSocket(options: WebSocketOptions): Promise<Listening> {
  const { WebSocketServer } = await import("ws");
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
  });
  const server = http.createServer((_request, response) => {
    response.writeHead(426, { "content-type": "text/plain", connection: "close" });
    response.end("This is a WebSocket server.\n");
  });
  server.headersTimeout = 10_000;
  server.maxConnections = MAX_CONNECTIONS;
  let rules: WebSocketRules = { token: options.token, hosts: [], origins: options.origins };
  server.on("upgrade", (request, socket, head) => {
    // A client that breaks off in the middle of this is no fault of ours.
    socket.on("error", () => socket.destroy());
    const admission = admit(request.headers, rules);
    if (!admission.ok) {
      refuse(socket, admission);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => serve(client, options.accept));
  });
  const port = await listen(server, options);
  rules = { ...rules, hosts: ownHosts(options.host, port) };
  let closing: Promise<void> | null = null;
  return {
    address: `ws://${bracketed(options.host)}:${port}`,
    close() {
      closing ??= new Promise((resolve) => {
        for (const client of sockets.clients) client.terminate();
        sockets.close();
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closing;
    },
  };
}

function serve(client: WebSocket, accept: AcceptChannel): void {
  let drainTimer: NodeJS.Timeout | null = null;
  const channel: Channel = {
    send(frame) {
      if (client.readyState !== client.OPEN) return true;
      client.send(frame);
      if (client.bufferedAmount < HIGH_WATER) return true;
      waitForDrain();
      return false;
    },
    close: () => client.close(1000),
  };
  const listener = accept(channel);
  // The library tells how much is waiting, and nothing when it becomes less.
  function waitForDrain(): void {
    drainTimer ??= setInterval(() => {
      if (client.bufferedAmount >= HIGH_WATER / 2) return;
      stopWaiting();
      listener.drained();
    }, DRAIN_CHECK_MS);
  }
  function stopWaiting(): void {
    if (drainTimer !== null) clearInterval(drainTimer);
    drainTimer = null;
  }
  client.on("message", (data, isBinary) => {
    if (isBinary) client.close(1003, "text frames only");
    else listener.frame(data.toString());
  });
  // A frame that is too long or no text: the library closes the connection with the right code.
  client.on("error", () => client.terminate());
  client.on("close", () => {
    stopWaiting();
    listener.closed();
  });
}

function refuse(socket: Duplex, { status, reason }: { status: number; reason: string }): void {
  const body = `${reason}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function listen(server: http.Server, { host, port }: WebSocketOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

/** The names under which a client can have found us. */
function ownHosts(host: string, port: number): string[] {
  const names = isLoopback(host) ? ["127.0.0.1", "localhost", "[::1]"] : [bracketed(host)];
  return names.map((name) => `${name.toLowerCase()}:${port}`);
}

/** Whether only this machine can connect. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\./.test(host);
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
