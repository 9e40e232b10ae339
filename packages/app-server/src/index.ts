export { type AppServer, type AppServerOptions, createAppServer } from "./app-server.ts";
export { type AcceptChannel, type Channel, type ChannelListener, MAX_FRAME_BYTES } from "./channel.ts";
export type {
  AdoptAgent,
  AdoptedAgent,
  BackgroundCommand,
  ClientCommand,
  ClientCommandRequest,
  ConfigAccess,
  EffectiveSettings,
  Engine,
  EngineFacts,
  EngineReview,
  EngineThread,
  EngineTurnOptions,
  FolderHooks,
  McpStatusOptions,
  MemoryAccess,
  OpenThread,
  StoredThreads,
  ThreadMcp,
  ThreadOverrides,
  ThreadQueues,
  ThreadSeams,
  TurnOverrides,
  WantedMode,
} from "./engine.ts";
export { OUTPUT_LIMITS, type OutputLimits } from "./output-queue.ts";
export { userInputTool } from "./threads/user-input-tool.ts";
export { connectInProcess } from "./transport/in-process.ts";
