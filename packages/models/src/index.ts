export type {
  JsonSchema,
  ModelClient,
  ModelCompletion,
  ModelEvent,
  ModelRequest,
  ToolSpec,
} from "./model-client.ts";
