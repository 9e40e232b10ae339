import type { ToolContext } from "../src/index.ts";

/** What a call runs in where nothing listens and no time passes. */
export function toolContext(more: Partial<ToolContext> = {}): ToolContext {
  return {
    cwd: "/",
    signal: new AbortController().signal,
    monotonicMs: () => 0,
    update: () => undefined,
    outputDelta: () => undefined,
    terminalInput: () => undefined,
    ...more,
  };
}
