import type { RolloutRecord } from "@quire/protocol";

/**
 * Recognises the lines that make up nearly all of a log, by looking at their fields one by one. A schema takes several
 * times as long for each, which adds up over a hundred thousand lines. Null means no more than "ask the schema": what is
 * recognised here the schema accepts as well, and a test holds the two together.
 */
export function plainRecord(line: unknown): RolloutRecord | null {
  if (!isObject(line) || !isObject(line.payload)) return null;
  const { type, payload } = line;
  const known =
    type === "response_item"
      ? isPlainItem(payload)
      : type === "event_msg"
        ? isPlainEvent(payload)
        : type === "turn_context"
          ? isPlainContext(payload)
          : type === "token_usage_record" && isPlainUsage(payload);
  // Every field that the type promises was looked at.
  return known ? ({ type, payload } as RolloutRecord) : null;
}

type Fields = Record<string, unknown>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const isText = (value: unknown): value is string => typeof value === "string";
const isTextOrAbsent = (value: unknown): boolean => value === undefined || isText(value);
const isNumber = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value);
const isNumberOrNull = (value: unknown): boolean => value === null || isNumber(value);
const isNumberOrAbsent = (value: unknown): boolean => value === undefined || isNumber(value);

const ROLES: ReadonlySet<unknown> = new Set(["user", "assistant", "developer", "system"]);

function isPlainItem(item: Fields): boolean {
  switch (item.type) {
    case "message":
      return ROLES.has(item.role) && isTextOrAbsent(item.id) && isTextParts(item.content);
    case "function_call":
      return isText(item.call_id) && isText(item.name) && isText(item.arguments) && isTextOrAbsent(item.id);
    case "custom_tool_call":
      return isText(item.call_id) && isText(item.name) && isText(item.input) && isTextOrAbsent(item.id);
    case "function_call_output":
    case "custom_tool_call_output":
      return isText(item.call_id) && isText(item.output);
    default:
      return false;
  }
}

function isTextParts(content: unknown): boolean {
  return (
    Array.isArray(content) &&
    content.every(
      (part) =>
        isObject(part) && (part.type === "input_text" || part.type === "output_text") && isText(part.text),
    )
  );
}

function isPlainEvent(event: Fields): boolean {
  switch (event.type) {
    case "task_started":
      return isText(event.turn_id) && isNumber(event.started_at);
    case "task_complete":
      return (
        isText(event.turn_id) &&
        (event.last_agent_message === null || isText(event.last_agent_message)) &&
        isNumber(event.completed_at) &&
        isNumber(event.duration_ms) &&
        (event.error === undefined || event.error === null)
      );
    case "item_started":
    case "item_completed":
      return isText(event.turn_id) && isObject(event.item) && isPlainThreadItem(event.item);
    default:
      return false;
  }
}

/** Fields that the schema would take away must not be there either. */
const ITEM_FIELDS: Readonly<Record<string, ReadonlySet<string>>> = {
  agentMessage: new Set(["type", "id", "text", "startedAtMs", "completedAtMs"]),
  userMessage: new Set(["type", "id", "clientId", "content", "startedAtMs", "completedAtMs"]),
  commandExecution: new Set([
    "type",
    "id",
    "command",
    "argv",
    "cwd",
    "processId",
    "source",
    "status",
    "aggregatedOutput",
    "outputBytes",
    "exitCode",
    "durationMs",
    "error",
    "startedAtMs",
    "completedAtMs",
  ]),
};
const SOURCES: ReadonlySet<unknown> = new Set(["agent", "userShell", "unifiedExecInteraction"]);
const STATUSES: ReadonlySet<unknown> = new Set(["inProgress", "completed", "failed", "declined", "unknown"]);

function isPlainThreadItem(item: Fields): boolean {
  const fields =
    isText(item.type) && Object.hasOwn(ITEM_FIELDS, item.type) ? ITEM_FIELDS[item.type] : undefined;
  if (!fields || !isText(item.id)) return false;
  for (const key in item) if (!fields.has(key)) return false;
  if (!isNumberOrAbsent(item.startedAtMs) || !isNumberOrAbsent(item.completedAtMs)) return false;
  if (item.type === "agentMessage") return isText(item.text);
  if (item.type === "userMessage") {
    return (item.clientId === undefined || isText(item.clientId)) && isPlainInput(item.content);
  }
  return (
    isText(item.command) &&
    Array.isArray(item.argv) &&
    item.argv.every(isText) &&
    isText(item.cwd) &&
    (item.processId === null || isText(item.processId)) &&
    SOURCES.has(item.source) &&
    STATUSES.has(item.status) &&
    (item.aggregatedOutput === null || isText(item.aggregatedOutput)) &&
    isNumber(item.outputBytes) &&
    isNumberOrNull(item.exitCode) &&
    isNumberOrNull(item.durationMs) &&
    item.error === null
  );
}

function isPlainInput(content: unknown): boolean {
  return (
    Array.isArray(content) &&
    content.every(
      (part) => isObject(part) && part.type === "text" && isText(part.text) && Object.keys(part).length === 2,
    )
  );
}

const POLICIES: ReadonlySet<unknown> = new Set(["untrusted", "on-failure", "on-request", "never"]);
const MODES: ReadonlySet<unknown> = new Set([
  "read-only",
  "workspace-write",
  "danger-full-access",
  "external-sandbox",
]);

function isPlainContext(context: Fields): boolean {
  return (
    isText(context.turn_id) &&
    isText(context.cwd) &&
    isText(context.model) &&
    isTextOrAbsent(context.model_provider) &&
    (context.effort === undefined || context.effort === null) &&
    POLICIES.has(context.approval_policy) &&
    isObject(context.sandbox_policy) &&
    MODES.has(context.sandbox_policy.type)
  );
}

const USAGE_FIELDS = [
  "input_tokens",
  "cached_input_tokens",
  "cache_write_input_tokens",
  "output_tokens",
  "reasoning_output_tokens",
];

function isPlainUsage(record: Fields): boolean {
  return (
    isText(record.turn_id) &&
    (record.response_id === null || isText(record.response_id)) &&
    isText(record.model) &&
    isTextOrAbsent(record.purpose) &&
    isTextOrAbsent(record.request_id) &&
    isTextOrAbsent(record.inherited_from) &&
    isCounts(record.usage) &&
    isCounts(record.thread_token_usage) &&
    isPlainCost(record.cost)
  );
}

function isCounts(usage: unknown): boolean {
  if (!isObject(usage) || Object.keys(usage).length !== USAGE_FIELDS.length) return false;
  return USAGE_FIELDS.every((name) => isNumber(usage[name]) && Number(usage[name]) >= 0);
}

function isPlainCost(cost: unknown): boolean {
  if (cost === undefined || cost === null) return true;
  if (!isObject(cost) || Object.keys(cost).length !== (cost.kind === "known" ? 3 : 2)) return false;
  return cost.kind === "known"
    ? isNumber(cost.usd) && isText(cost.priced_as_of)
    : cost.kind === "unknown" && isText(cost.reason);
}
