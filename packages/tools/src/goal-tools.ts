import { CodedError, type ThreadGoal, type ToolCallItem } from "@quire/protocol";
import { choice, integer, optional, text } from "./arguments/fields.ts";
import { parseArguments } from "./arguments/parse-arguments.ts";
import type { Tool, ToolInvocation } from "./tool.ts";

/** What the tools may do with the goal of their thread. */
export interface GoalPort {
  current(): ThreadGoal | null;
  /** Fails with `usage_invalid`. */
  create(objective: string, tokenBudget: number | null): ThreadGoal;
  end(status: "complete" | "blocked", reason: string | null): void;
}

const GET = "get_goal";
const CREATE = "create_goal";
const UPDATE = "update_goal";
export const GOAL_TOOL_NAMES: readonly string[] = [CREATE, GET, UPDATE];

const ENDS = ["complete", "blocked"] as const;

/** The tools for a thread that has a goal. */
export function createGoalTools(goals: GoalPort): Tool[] {
  return [getGoal(goals), updateGoal(goals)];
}

/** Lets the model set a goal of its own. */
export function createCreateGoalTool(goals: GoalPort): Tool {
  const fields = { objective: text, token_budget: optional(integer({ min: 1, max: 1e12 })) };
  return goalTool(
    {
      name: CREATE,
      description:
        "Sets the goal that this thread works towards over several turns. Only when the user asks for a goal in so many words.",
      properties: {
        objective: { type: "string" },
        token_budget: { type: "integer", description: "Only when the user names one." },
      },
      required: ["objective"],
    },
    (input) => {
      const parsed = parseArguments(CREATE, input, fields);
      if (!parsed.ok) return parsed;
      const { objective, token_budget } = parsed.value;
      const present = goals.current();
      if (present !== null && present.status !== "complete") {
        return { ok: false, message: `${CREATE}: there is a goal already. Only the user can replace it.` };
      }
      return { ok: true, run: () => told(goals.create(objective, token_budget ?? null)) };
    },
  );
}

function getGoal(goals: GoalPort): Tool {
  return goalTool(
    { name: GET, description: "The goal of this thread and what it has used.", properties: {}, required: [] },
    (input) => {
      const parsed = parseArguments(GET, input === "" ? "{}" : input, {});
      return parsed.ok ? { ok: true, run: () => told(goals.current()) } : parsed;
    },
  );
}

function updateGoal(goals: GoalPort): Tool {
  const fields = { status: choice(ENDS), reason: optional(text) };
  return goalTool(
    {
      name: UPDATE,
      description:
        "Ends work on the goal: complete when you have proved that all of it is reached, blocked when only the user can help.",
      properties: { status: { type: "string", enum: ENDS }, reason: { type: "string" } },
      required: ["status"],
    },
    (input) => {
      const parsed = parseArguments(UPDATE, input, fields);
      if (!parsed.ok) return parsed;
      const { status, reason } = parsed.value;
      if (goals.current() === null) return { ok: false, message: `${UPDATE}: this thread has no goal.` };
      return {
        ok: true,
        run: () => {
          goals.end(status, reason ?? null);
          return told(goals.current());
        },
      };
    },
  );
}

type Parsed = { ok: true; run: () => string } | { ok: false; message: string };

interface Described {
  name: string;
  description: string;
  properties: Record<string, unknown>;
  required: string[];
}

function goalTool(about: Described, parse: (input: string) => Parsed): Tool {
  const { name, description, properties, required } = about;
  return {
    spec: {
      kind: "function",
      name,
      description,
      parameters: { type: "object", properties, required, additionalProperties: false },
    },
    parallel: false,
    prepare(invocation) {
      const parsed = parse(invocation.input);
      if (!parsed.ok) return { kind: "invalid", code: "tool_bad_arguments", message: parsed.message };
      const item = itemFor(name, invocation);
      return { kind: "ready", effects: [], item, run: async () => outcome(item, parsed.run) };
    },
  };
}

function outcome(item: ToolCallItem, run: () => string) {
  try {
    const output = run();
    return { item: { ...item, status: "completed" as const, output }, output, success: true };
  } catch (thrown) {
    if (!(thrown instanceof CodedError) || thrown.code !== "usage_invalid") throw thrown;
    const failed = { ...item, status: "failed" as const, error: thrown.info };
    return { item: failed, output: `${item.tool}: ${thrown.message}`, success: false };
  }
}

function itemFor(tool: string, { callId, input }: ToolInvocation): ToolCallItem {
  return {
    type: "toolCall",
    id: callId,
    tool,
    arguments: input,
    status: "inProgress",
    output: null,
    error: null,
  };
}

function told(goal: ThreadGoal | null): string {
  if (goal === null) return JSON.stringify({ goal: null });
  const { objective, status, tokenBudget, tokensUsed, timeUsedSeconds } = goal;
  const left = tokenBudget === null ? null : Math.max(0, tokenBudget - tokensUsed);
  return JSON.stringify({
    goal: {
      objective,
      status,
      token_budget: tokenBudget,
      tokens_used: tokensUsed,
      tokens_left: left,
      time_used_seconds: timeUsedSeconds,
    },
  });
}
