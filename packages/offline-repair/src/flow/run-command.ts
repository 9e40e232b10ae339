import type { Flow, PlanEntry } from "./step.ts";
import type { CommandOutput } from "./tool-output.ts";
import { parseCommandOutput } from "./tool-output.ts";

/** What a command says when it is over. */
export interface Finished {
  exitCode: number | null;
  output: string;
  truncated: boolean;
  /** The command did not run at all. */
  refused: boolean;
  wallSeconds: number;
  steering: readonly string[];
}

/** What is said and shown with a command. */
export interface Remarks {
  say?: string;
  think?: string;
  plan?: readonly PlanEntry[];
}

/** A command still running after this many looks is left alone: its own time limit must have failed. */
const MAX_POLLS = 60;

/** Runs a shell command and polls it until it ends. */
export function* runCommand(command: string, outputTokens: number, remarks: Remarks = {}): Flow<Finished> {
  let reply = yield { ...remarks, call: { kind: "command", command, outputTokens } };
  let parsed = parseCommandOutput(reply.output);
  const first: CommandOutput = parsed;
  const finished = {
    output: parsed.output,
    truncated: parsed.truncated,
    wallSeconds: parsed.wallSeconds,
    steering: [...reply.steering],
  };
  for (let polls = 0; parsed.sessionId !== null && polls < MAX_POLLS; polls++) {
    reply = yield { call: { kind: "poll", sessionId: parsed.sessionId, outputTokens } };
    parsed = parseCommandOutput(reply.output);
    finished.output += parsed.output;
    finished.truncated ||= parsed.truncated;
    finished.wallSeconds += parsed.wallSeconds;
    finished.steering.push(...reply.steering);
    if (parsed.refused) break;
  }
  return { ...finished, exitCode: parsed.exitCode, refused: first.refused };
}
