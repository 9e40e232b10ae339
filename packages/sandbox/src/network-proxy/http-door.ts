import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Socket } from "node:net";
import { forwardRequest } from "./forward-request.ts";
import { splitAuthority } from "./host-name.ts";
import { hostProblem, plainResponse, refusalStatus, unreachable } from "./http-answers.ts";
import type { ProxyClient, ProxyContext } from "./proxy-context.ts";
import { joinSockets } from "./tunnel.ts";
import { connectUpstream } from "./upstream.ts";

/** Speaks HTTP to commands: CONNECT, and requests with an absolute address. One request per connection. */
export interface HttpDoor {
  /** Takes a connection over; resolves when it is gone. */
  serve(client: ProxyClient): Promise<void>;
}

/** Node's parser in its strict form: it refuses what different readers take for different things. */
export function createHttpDoor(context: ProxyContext): HttpDoor {
  const clients = new WeakMap<Socket, ProxyClient>();
  const server: Server = createServer({
    insecureHTTPParser: false,
    requireHostHeader: true,
    maxHeaderSize: context.limits.headerBytes,
    // Deadlines are the connection's; Node checks its own only for servers that listen.
    headersTimeout: 0,
    requestTimeout: 0,
    keepAliveTimeout: 0,
  });
  server.maxRequestsPerSocket = 1;
  server.on("request", (incoming, response) => {
    const client = clients.get(incoming.socket);
    if (!client) return incoming.socket.destroy();
    client.headComplete();
    void forwardRequest(context, client, incoming, response).catch(() => incoming.socket.destroy());
  });
  server.on("connect", (incoming, socket, head) => {
    const client = clients.get(incoming.socket);
    if (!client) return socket.destroy();
    client.headComplete();
    void openTunnel(context, client, incoming, head).catch(() => socket.destroy());
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const status =
      error.code === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : "400 Bad Request";
    if (socket.writable) socket.end(plainResponse(status, "The request is not well-formed HTTP."));
    else socket.destroy();
  });
  return {
    serve(client) {
      clients.set(client.socket, client);
      const gone = new Promise<void>((resolve) => client.socket.once("close", () => resolve()));
      server.emit("connection", client.socket);
      return gone;
    },
  };
}

async function openTunnel(
  context: ProxyContext,
  client: ProxyClient,
  incoming: IncomingMessage,
  head: Buffer,
): Promise<void> {
  const { socket } = client;
  const target = splitAuthority(incoming.url ?? "");
  const problem =
    target?.port === undefined ? "CONNECT needs host:port." : hostProblem(incoming, target.host);
  if (problem !== undefined || target?.port === undefined) {
    socket.end(plainResponse("400 Bad Request", problem ?? ""));
    return;
  }
  const answer = await context.gate.decide({
    host: target.host,
    port: target.port,
    method: "connect",
    origin: client.origin(),
    signal: client.signal,
  });
  if (answer.kind === "deny") {
    socket.end(plainResponse(refusalStatus(answer), answer.message));
    return;
  }
  const { idleMs, connectMs } = context.limits;
  let upstream: Socket;
  try {
    upstream = await connectUpstream({ ...answer, connectMs }, client.signal);
  } catch (error) {
    socket.end(plainResponse("502 Bad Gateway", unreachable(answer.host.text, error)));
    return;
  }
  socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
  if (head.length > 0) {
    client.traffic.sent += head.length;
    upstream.write(head);
  }
  await joinSockets(socket, upstream, { idleMs, traffic: client.traffic });
}
