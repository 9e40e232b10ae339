import type { ToolCall, ToolOutputBody } from "@quire/protocol";
import { answerTo } from "./call-answer.ts";
import { runOneCall, toolFor } from "./run-one-call.ts";
import type { TurnContext } from "./turn-context.ts";

/** Calls that run beside each other at most; more wait their turn. */
const MAX_PARALLEL_CALLS = 16;

/**
 * Runs the calls of one response and writes their answers to the history in the order of the calls, so that the next
 * request does not depend on which command was quicker. Calls of tools that are not `parallel` run alone.
 */
export async function runToolCalls(turn: TurnContext, calls: readonly ToolCall[]): Promise<void> {
  let index = 0;
  while (index < calls.length) {
    const batch = nextBatch(turn, calls, index);
    const outputs: ToolOutputBody[] = await Promise.all(batch.map((call) => runOneCall(turn, call)));
    turn.parts.record.addHistory(batch.map((call, at) => answerTo(call, outputs[at] ?? "")));
    index += batch.length;
  }
}

function nextBatch(turn: TurnContext, calls: readonly ToolCall[], from: number): ToolCall[] {
  const batch: ToolCall[] = [];
  for (let index = from; index < calls.length && batch.length < MAX_PARALLEL_CALLS; index++) {
    const call = calls[index];
    if (!call) break;
    const parallel = turn.settings.parallelToolCalls && (toolFor(turn, call)?.parallel ?? true);
    if (!parallel) return batch.length > 0 ? batch : [call];
    batch.push(call);
  }
  return batch;
}
