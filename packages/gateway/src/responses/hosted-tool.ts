import type { ToolSpec } from "@quire/models";
import type { FunctionCall } from "@quire/protocol";
import type { ResponseWriter } from "./response-writer.ts";

/** A tool that the gateway runs itself while it answers a request. */
export interface HostedTool {
  readonly spec: ToolSpec;
  /**
   * Runs one call, writes its items into the response, and gives what the model reads. Never rejects: what went wrong is
   * told to the model.
   */
  run(call: FunctionCall, writer: ResponseWriter, signal: AbortSignal): Promise<string>;
  /** Lets go of what the calls used. May be called twice. */
  close(): Promise<void>;
}
