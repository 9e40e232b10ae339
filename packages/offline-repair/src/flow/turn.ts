import { type CommandOutput, parseCommandOutput } from "./command-output.ts";
import { type Inspection, parseInspection } from "./inspection.ts";
import type { Answer, Flow, Remarks, Reply } from "./step.ts";
import { readTask, saysStop, steer, type Task } from "./task.ts";

/** Longest single wait of a command; polls wait as long. */
export const YIELD_MS = 30_000;
/** A command still running after this many looks is left alone: its own time limit must have failed. */
const MAX_POLLS = 60;

/**
 * What the parts of a turn share: the task, which the user may steer while it runs, what is in the workspace, and the
 * seconds that are left. There is no clock: the wall times that tool outputs report are added up, so the same conversation always leaves the
 * same budget.
 */
export class Turn {
  task: Task;
  /** Nothing before the first look. */
  inspection: Inspection = parseInspection("");
  /** Bounds everything that runs before the edit. */
  readonly seconds: number;
  #spent = 0;

  constructor(text: string, seconds: number) {
    this.task = readTask(text);
    this.seconds = this.task.seconds ?? seconds;
  }

  get secondsLeft(): number {
    return Math.max(0, this.seconds - this.#spent);
  }

  /** Runs a shell command and polls it until it ends. */
  *run(command: string, outputTokens: number, remarks: Remarks = {}): Flow<CommandOutput> {
    const waiting = { yield_time_ms: YIELD_MS, max_output_tokens: outputTokens };
    let total = this.#hear(
      yield { ...remarks, call: { tool: "exec_command", values: { cmd: command, ...waiting } } },
    );
    for (let polls = 0; total.sessionId !== null && polls < MAX_POLLS; polls++) {
      const values = { session_id: total.sessionId, chars: "", ...waiting };
      const more = this.#hear(yield { call: { tool: "write_stdin", values } });
      total = {
        ...more,
        output: total.output + more.output,
        truncated: total.truncated || more.truncated,
        wallSeconds: total.wallSeconds + more.wallSeconds,
        refused: false,
      };
    }
    return total;
  }

  /** Applies a patch; null when that succeeded, else what the tool says. */
  *apply(patch: string, remarks: Remarks): Flow<string | null> {
    const { output } = yield { ...remarks, call: { tool: "apply_patch", patch } };
    const head = output.split("\n").slice(0, 4).join("\n");
    const failed = /\b(failed|error|denied|declined|rejected|refused|not applied)\b/i.test(head);
    return !failed && /success|done|exited with code 0/i.test(output) ? null : output;
  }

  #hear({ output, steering }: Reply): CommandOutput {
    for (const text of steering) this.task = steer(this.task, text);
    const parsed = parseCommandOutput(output);
    this.#spent += parsed.wallSeconds;
    return parsed;
  }
}

/** What is answered to a "stop" that comes before the edit. */
export const STOPPED: Answer = { kind: "stopped", text: "as you asked. No file was changed." };

/**
 * The same flow, ended by a "stop" of the user: a command that runs is seen to its end, no other one begins. Once an
 * edit is being made the flow goes on, so that nothing is left unverified.
 */
export function* untilStopped(flow: Flow<Answer>): Flow<Answer> {
  let [stopped, edited] = [false, false];
  let next = flow.next();
  while (!next.done) {
    const tool = next.value.call?.tool;
    edited ||= tool === "apply_patch" && !stopped;
    if (stopped && !edited && tool !== "write_stdin") return STOPPED;
    const reply = yield next.value;
    stopped ||= reply.steering.some(saysStop);
    next = flow.next(reply);
  }
  return stopped && !edited ? STOPPED : next.value;
}
