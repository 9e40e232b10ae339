import { type CollabAgentTool, type CollabAgentToolCallItem, ReasoningEffortSchema } from "@quire/protocol";
import {
  type Field,
  type Fields,
  integer,
  list,
  optional,
  text,
  type ValuesOf,
} from "../arguments/fields.ts";
import { parseArguments } from "../arguments/parse-arguments.ts";
import type { Tool, ToolContext } from "../tool.ts";
import type { AgentAnswer, AgentKind, AgentOffice } from "./agent-office.ts";

/** What the tools about agents are called. */
export const AGENT_TOOL_NAMES: readonly string[] = [
  "followup_task",
  "interrupt_agent",
  "list_agents",
  "send_message",
  "spawn_agent",
  "wait_agent",
];

const WAIT_MS = { least: 1000, usual: 600_000, most: 3_600_000 };
/** Characters that the descriptions of all kinds may take of every request, and one of them. */
const MOST_KINDS_TEXT = 3000;
const SHOWN_DESCRIPTION = 240;
/** How much of a prompt an item keeps; the agent's log has all of it. */
const SHOWN_PROMPT = 4000;

const effort: Field<string> = {
  required: true,
  read: (value) =>
    ReasoningEffortSchema.safeParse(value).success && typeof value === "string"
      ? { ok: true, value }
      : { ok: false, expected: 'a word such as "low"' },
};

const forkTurns: Field<"none" | "all" | number> = {
  required: true,
  read(value) {
    if (value === "none" || value === "all") return { ok: true, value };
    const count = typeof value === "string" ? Number(value) : value;
    return typeof count === "number" && Number.isInteger(count) && count > 0
      ? { ok: true, value: count }
      : { ok: false, expected: '"none", "all" or a whole number of turns such as "2"' };
  },
};

const TARGET = { type: "string", description: "Task name or path of an agent." } as const;

/** Those of an agent that may start none itself: it can still speak with the others. */
const SPEAKING: ReadonlySet<string> = new Set(["list_agents", "send_message", "wait_agent"]);

/**
 * The tools with which a model starts other agents and works with them, sorted by name; with `kinds` null those of an agent
 * that may start none.
 */
export function createAgentTools(office: AgentOffice, kinds: readonly AgentKind[] | null): readonly Tool[] {
  const tools = allAgentTools(office, kinds ?? []);
  return kinds === null ? tools.filter(({ spec }) => SPEAKING.has(spec.name)) : tools;
}

function allAgentTools(office: AgentOffice, kinds: readonly AgentKind[]): readonly Tool[] {
  return [
    agentTool(office, {
      name: "followup_task",
      tool: "followupTask",
      description:
        "Gives an agent another task, with all it knows from before. To one that is working it is a message.",
      fields: { target: text, message: text },
      properties: { target: TARGET, message: { type: "string" } },
      prompt: ({ message }) => message,
      run: ({ target, message }) => office.followUp(target, message),
    }),
    agentTool(office, {
      name: "interrupt_agent",
      tool: "interruptAgent",
      description: "Ends what an agent is doing, or takes it out of the queue. It can be given another task.",
      fields: { target: text },
      properties: { target: TARGET },
      run: ({ target }) => office.interrupt(target),
    }),
    agentTool(office, {
      name: "list_agents",
      tool: "listAgents",
      description: "Says where the agents stand: yours, and the others that you can send messages to.",
      fields: { path_prefix: optional(text) },
      properties: { path_prefix: { type: "string", description: "Only those at and below this path." } },
      run: async ({ path_prefix }) => office.list(path_prefix ?? null),
    }),
    agentTool(office, {
      name: "send_message",
      tool: "sendMessage",
      description:
        "Tells another agent something: one of yours, the one that you work for, or one beside you. It reads it before its next step; one that is idle with its next task.",
      fields: { target: text, message: text },
      properties: { target: TARGET, message: { type: "string" } },
      prompt: ({ message }) => message,
      run: ({ target, message }) => office.send(target, message),
    }),
    agentTool(office, {
      name: "spawn_agent",
      tool: "spawnAgent",
      description: `Starts another agent on a part of the task and returns at once. It works in the same files with a context of its own, knows nothing of this conversation but the message and what fork_turns gives it, and answers with a short result. Worth it for parts that do not depend on each other, or that need much reading for a short answer.\nKinds of agents:\n${kindsText(kinds)}`,
      fields: {
        task_name: text,
        message: text,
        agent_type: optional(text),
        model: optional(text),
        reasoning_effort: optional(effort),
        fork_turns: optional(forkTurns),
      },
      properties: {
        task_name: { type: "string", description: "Lowercase letters, digits and underscores." },
        message: { type: "string", description: "The whole task: what to do, where, what to answer." },
        agent_type: { type: "string", description: 'Kind of agent. Defaults to "default".' },
        model: { type: "string", description: "Only where another model is needed." },
        reasoning_effort: { type: "string" },
        fork_turns: {
          type: "string",
          description:
            'How much of this conversation it is given: "none" (default), "all", or the last turns, such as "2". What it is given costs as much again.',
        },
      },
      prompt: ({ message }) => message,
      model: ({ model }) => model,
      effort: ({ reasoning_effort }) => reasoning_effort,
      run: async ({ task_name, message, agent_type, model, reasoning_effort, fork_turns }) =>
        office.spawn({
          taskName: task_name,
          message,
          role: agent_type ?? null,
          model: model ?? null,
          effort: reasoning_effort ?? null,
          forkTurns: fork_turns ?? "none",
        }),
    }),
    agentTool(office, {
      name: "wait_agent",
      tool: "wait",
      description:
        "Waits until an agent has a result or sends you a message, and returns that. Call it again for the others. Your turn does not end before your agents are done, so wait only when you need an answer to go on.",
      fields: {
        targets: optional(list(text, "agents")),
        timeout_ms: optional(integer({ min: WAIT_MS.least, max: WAIT_MS.most })),
      },
      properties: {
        targets: {
          type: "array",
          items: { type: "string" },
          description: "Task names or paths. Any agent where it is missing.",
        },
        timeout_ms: { type: "number", description: `Defaults to ${WAIT_MS.usual}.` },
      },
      run: ({ targets, timeout_ms }, { signal }) =>
        office.wait(targets ?? null, timeout_ms ?? WAIT_MS.usual, signal),
    }),
  ];
}

/** The kinds in lines for the model, within {@link MOST_KINDS_TEXT}: their names always, descriptions while there is room. */
function kindsText(kinds: readonly AgentKind[]): string {
  const lines: string[] = [];
  const more: string[] = [];
  let room = MOST_KINDS_TEXT;
  for (const { name, description } of kinds) {
    const said = description.replace(/\s+/g, " ").trim();
    const line = `- ${name}: ${said.length > SHOWN_DESCRIPTION ? `${said.slice(0, SHOWN_DESCRIPTION)}…` : said}`;
    room -= line.length + 1;
    if (room >= 0) lines.push(line);
    else more.push(name);
  }
  return [...lines, ...(more.length > 0 ? [`- also: ${more.join(", ")}`] : [])].join("\n");
}

interface AgentToolShape<F extends Fields> {
  name: string;
  tool: CollabAgentTool;
  description: string;
  fields: F;
  properties: Readonly<Record<string, unknown>>;
  prompt?: (values: ValuesOf<F>) => string;
  model?: (values: ValuesOf<F>) => string | undefined;
  effort?: (values: ValuesOf<F>) => string | undefined;
  run: (values: ValuesOf<F>, context: ToolContext) => Promise<AgentAnswer>;
}

function agentTool<F extends Fields>(office: AgentOffice, shape: AgentToolShape<F>): Tool {
  const { name, tool, description, fields, properties } = shape;
  const required = Object.entries(fields).flatMap(([key, field]) => (field.required ? [key] : []));
  return {
    spec: {
      kind: "function",
      name,
      description,
      parameters: { type: "object", properties, required, additionalProperties: false },
    },
    parallel: true,
    prepare({ callId, input }, context) {
      const parsed = parseArguments(name, input, fields);
      if (!parsed.ok) return { kind: "invalid", code: "tool_bad_arguments", message: parsed.message };
      const item: CollabAgentToolCallItem = {
        type: "collabAgentToolCall",
        id: callId,
        tool,
        status: "inProgress",
        senderThreadId: office.threadId,
        receiverThreadIds: [],
        prompt: shape.prompt?.(parsed.value).slice(0, SHOWN_PROMPT) ?? null,
        model: shape.model?.(parsed.value) ?? null,
        reasoningEffort: shape.effort?.(parsed.value) ?? null,
        agentsStates: {},
        error: null,
      };
      return {
        kind: "ready",
        effects: [],
        item,
        run: async () => {
          const answer = await shape.run(parsed.value, context);
          const output = answer.ok ? answer.text : `${name} did nothing: ${answer.message}`;
          return { item: answeredItem(item, answer), output, success: answer.ok };
        },
      };
    },
  };
}

function answeredItem(item: CollabAgentToolCallItem, answer: AgentAnswer): CollabAgentToolCallItem {
  const { agents } = answer;
  return {
    ...item,
    status: answer.ok ? "completed" : "failed",
    receiverThreadIds: agents.map(({ threadId }) => threadId),
    agentsStates: Object.fromEntries(agents.map(({ threadId, state }) => [threadId, state])),
    error: answer.ok ? null : { code: answer.code, message: answer.message, retryable: false },
  };
}
