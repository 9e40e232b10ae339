export { type AppServer, type AppServerOptions, createAppServer } from "./app-server.ts";
export { type AcceptChannel, type Channel, type ChannelListener, MAX_FRAME_BYTES } from "./channel.ts";
export type {
  BackgroundCommand,
  ConfigAccess,
  EffectiveSettings,
  Engine,
  EngineFacts,
  EngineReview,
  EngineThread,
  EngineTurnOptions,
  OpenThread,
  StoredThreads,
  ThreadOverrides,
  ThreadSeams,
  TurnOverrides,
} from "./engine.ts";
export { OUTPUT_LIMITS, type OutputLimits } from "./output-queue.ts";
export { serveByteStream } from "./transport/byte-stream.ts";
export { connectInProcess } from "./transport/in-process.ts";
export { type Listening, listenUnix } from "./transport/unix.ts";
export { isLoopback, listenWebSocket, type WebSocketOptions } from "./transport/websocket.ts";
