import type {
  CollabAgentState,
  CommandExecutionItem,
  FileChangeItem,
  ThreadDigest,
  ThreadItem,
} from "@quire/protocol";

const MOST_FILES = 200;
const MOST_DECISIONS = 60;
const MOST_FAILURES = 24;
const MOST_COMMANDS = 30;
const MOST_AGENTS = 64;
const SUBJECT_CHARACTERS = 240;
const TAIL_LINES = 6;
const TAIL_CHARACTERS = 480;

/** The digest of a thread in which nothing has happened. */
export function emptyDigest(): ThreadDigest {
  return {
    files: [],
    decisions: [],
    failures: [],
    commands: [],
    requestsLeftOut: 0,
    dropped: { files: 0, decisions: 0, failures: 0 },
  };
}

/** Takes a completed item in. Changes the digest; costs the same however long the thread is. */
export function addToDigest(digest: ThreadDigest, item: ThreadItem): void {
  switch (item.type) {
    case "commandExecution":
      addCommand(digest, item);
      return;
    case "fileChange":
      addChange(digest, item);
      return;
    case "plan":
      digest.proposedPlan = { itemId: item.id, text: item.text };
      return;
    case "approval": {
      const { decision, reason } = item;
      if (decision === "accept" && item.itemId === digest.proposedPlan?.itemId) {
        digest.approvedPlan = digest.proposedPlan;
        return;
      }
      digest.decisions.push({ subject: line(item.subject), decision, reason: line(reason) });
      digest.dropped.decisions += cutFront(digest.decisions, MOST_DECISIONS);
      return;
    }
    case "toolCall":
    case "mcpToolCall": {
      if (item.error === null) return;
      const what = item.type === "toolCall" ? `tool ${item.tool}` : `tool ${item.server}/${item.tool}`;
      addFailure(digest, { what, how: `${item.error.code}: ${line(item.error.message)}`, tail: "" });
      return;
    }
    case "collabAgentToolCall":
      // Anybody can be told something; it is no agent of the thread's for that.
      if (item.tool === "sendMessage") return;
      for (const [threadId, state] of Object.entries(item.agentsStates)) addAgent(digest, threadId, state);
      return;
    case "subAgentActivity":
      if (item.kind === "interacted") return;
      addAgent(digest, item.agentThreadId, item.state);
      return;
    default:
  }
}

function addAgent(digest: ThreadDigest, threadId: string, state: CollabAgentState): void {
  const { path, role = "default", status } = state;
  if (path === undefined) return;
  digest.agents ??= [];
  const known = digest.agents.find((agent) => agent.threadId === threadId);
  if (known !== undefined) known.status = status;
  else digest.agents.push({ threadId, path, role, status });
  cutFront(digest.agents, MOST_AGENTS);
}

function addCommand(digest: ThreadDigest, item: CommandExecutionItem): void {
  // A look at a running command is no run of its own.
  if (item.source === "unifiedExecInteraction") return;
  const command = line(item.command);
  const what = `$ ${command}`;
  forget(digest, what);
  if (item.status === "completed" && item.exitCode === 0) {
    digest.commands.push({ command, ending: "exit 0" });
    cutFront(digest.commands, MOST_COMMANDS);
    return;
  }
  const how = item.error
    ? `${item.error.code}: ${line(item.error.message)}`
    : `exit ${item.exitCode ?? "unknown"}`;
  addFailure(digest, { what, how, tail: tailOf(item.aggregatedOutput ?? "") });
}

function addChange(digest: ThreadDigest, item: FileChangeItem): void {
  const what = `patch of ${line(item.changes.map(({ path }) => path).join(", "))}`;
  forget(digest, what);
  if (item.status !== "completed") {
    const how = item.error ? `${item.error.code}: ${line(item.error.message)}` : item.status;
    addFailure(digest, { what, how, tail: "" });
    return;
  }
  for (const change of item.changes) {
    const at = digest.files.findIndex(({ path }) => path === change.path);
    const [seen] = at === -1 ? [] : digest.files.splice(at, 1);
    digest.files.push({
      path: change.path,
      change: seen?.change === "add" && change.kind.type === "update" ? "add" : change.kind.type,
      added: (seen?.added ?? 0) + change.added,
      removed: (seen?.removed ?? 0) + change.removed,
      patches: (seen?.patches ?? 0) + 1,
    });
  }
  digest.dropped.files += cutFront(digest.files, MOST_FILES);
}

/** The same thing failing again is one failure: the last one says how. */
function addFailure(digest: ThreadDigest, failure: ThreadDigest["failures"][number]): void {
  forget(digest, failure.what);
  digest.failures.push(failure);
  digest.dropped.failures += cutFront(digest.failures, MOST_FAILURES);
}

function forget(digest: ThreadDigest, what: string): void {
  const at = digest.failures.findIndex((failure) => failure.what === what);
  if (at !== -1) digest.failures.splice(at, 1);
}

function cutFront(list: unknown[], most: number): number {
  return list.splice(0, Math.max(0, list.length - most)).length;
}

function line(text: string): string {
  const [first = "", ...rest] = text.trim().split("\n");
  const cut = first.length > SUBJECT_CHARACTERS ? `${first.slice(0, SUBJECT_CHARACTERS)}…` : first;
  return rest.length > 0 ? `${cut} … (${rest.length} more lines)` : cut;
}

function tailOf(output: string): string {
  const tail = output
    .trimEnd()
    .slice(-4 * TAIL_CHARACTERS)
    .split("\n")
    .slice(-TAIL_LINES)
    .join("\n");
  return tail.slice(-TAIL_CHARACTERS);
}
