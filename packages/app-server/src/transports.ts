/** What carries frames from other processes, as `@quire/app-server/transports`: a run in one process loads none of it. */
export { serveByteStream } from "./transport/byte-stream.ts";
export { type Listening, listenUnix } from "./transport/unix.ts";
export { isLoopback, listenWebSocket, type WebSocketOptions } from "./transport/websocket.ts";
