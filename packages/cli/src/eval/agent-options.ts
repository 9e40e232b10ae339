import { oneOf, wholeNumber } from "./eval-options.ts";
import { openRunFolder, type RunDescription } from "./run-folder.ts";

/** The words that every benchmark of the agent understands, for `parseArgs`. */
export const AGENT_OPTIONS = {
  only: { type: "string" },
  workers: { type: "string", default: "1" },
  model: { type: "string", short: "m" },
  effort: { type: "string" },
  out: { type: "string" },
  report: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

/** What was said with them. */
export interface AgentRequest {
  /** Ids of some of the tasks; undefined for all. */
  readonly only: readonly string[] | undefined;
  readonly workers: number;
  readonly model: string | undefined;
  readonly effort: string | undefined;
  readonly out: string | undefined;
  readonly report: "html" | "md" | undefined;
  readonly json: boolean;
}

/** Makes the folder that was asked for, or checks that it holds this very run. */
export function openAgentFolder(benchmark: string, request: AgentRequest, more: RunDescription): void {
  const { out, model = null, effort = null } = request;
  if (out !== undefined) openRunFolder(out, { benchmark, model, effort, ...more });
}

interface AgentValues {
  readonly only?: string | undefined;
  readonly workers: string;
  readonly model?: string | undefined;
  readonly effort?: string | undefined;
  readonly out?: string | undefined;
  readonly report?: string | undefined;
  readonly json: boolean;
}

/** Checks them; `name` is the benchmark's, for the message. */
export function agentRequest(name: string, values: AgentValues): AgentRequest {
  return {
    only: values.only?.split(","),
    workers: wholeNumber(name, "--workers", values.workers, 64),
    model: values.model,
    effort: values.effort,
    out: values.out,
    report: oneOf(name, "--report", values.report, ["html", "md"]),
    json: values.json,
  };
}
