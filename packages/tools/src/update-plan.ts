import type { PlanItem, PlanStep } from "@quire/protocol";
import { choice, list, optional, text } from "./arguments/fields.ts";
import { objectOf, parseArguments } from "./arguments/parse-arguments.ts";
import type { Tool } from "./tool.ts";

const NAME = "update_plan";
const STATUSES = ["pending", "in_progress", "completed"] as const;

const FIELDS = {
  explanation: optional(text),
  plan: list(objectOf({ step: text, status: choice(STATUSES) }), "steps"),
};

const SPEC: Tool["spec"] = {
  kind: "function",
  name: NAME,
  description: "Replaces the to-do list that the user sees. At most one step is in_progress.",
  parameters: {
    type: "object",
    properties: {
      explanation: { type: "string" },
      plan: {
        type: "array",
        items: {
          type: "object",
          properties: { step: { type: "string" }, status: { type: "string", enum: STATUSES } },
          required: ["step", "status"],
          additionalProperties: false,
        },
      },
    },
    required: ["plan"],
    additionalProperties: false,
  },
};

const ITEM_STATUS = {
  pending: "pending",
  in_progress: "inProgress",
  completed: "completed",
} as const satisfies Record<(typeof STATUSES)[number], PlanStep["status"]>;

/** Keeps the agent's to-do list. The list is an item; nothing else is stored. */
export function createUpdatePlanTool(): Tool {
  return {
    spec: SPEC,
    parallel: false,
    prepare(invocation) {
      const parsed = parseArguments(NAME, invocation.input, FIELDS);
      if (!parsed.ok) return { kind: "invalid", code: "tool_bad_arguments", message: parsed.message };
      const { explanation, plan } = parsed.value;
      const current = plan.filter((step) => step.status === "in_progress");
      if (current.length > 1) {
        const steps = current.map(({ step }) => `"${step}"`).join(", ");
        return {
          kind: "invalid",
          code: "tool_bad_arguments",
          message: `${NAME} was not run: ${current.length} steps are in_progress (${steps}). Leave one, set the others to pending or completed.`,
        };
      }
      const item: PlanItem = {
        type: "todoList",
        id: invocation.callId,
        explanation: explanation ?? null,
        steps: plan.map(({ step, status }) => ({ step, status: ITEM_STATUS[status] })),
      };
      return {
        kind: "ready",
        effects: [],
        item,
        run: () => Promise.resolve({ item, output: "Plan updated", success: true }),
      };
    },
  };
}
