import type { ThreadSummary } from "@quire/core";
import { agentOrigin, type ReasoningEffort, type SessionMeta } from "@quire/protocol";
import type { SessionSource, ThreadStatus, WireThread, WireTurn } from "@quire/protocol/app-server";

/** What is known of a thread that the log does not hold. */
export interface ThreadView {
  status: ThreadStatus;
  name: string | null;
  turns: readonly WireTurn[];
  /** Of a loaded thread; the log's last words otherwise. */
  settings?: { model: string; modelProvider: string; effort: ReasoningEffort | null; cwd: string };
  ephemeral?: boolean;
}

/** A thread as clients see it, from what its file says. */
export function threadView(summary: ThreadSummary, extra: ThreadView): WireThread {
  const { meta, lastTurnContext: context } = summary;
  const { settings } = extra;
  const agent = agentOrigin(meta);
  return {
    id: summary.id,
    sessionId: meta?.session_id ?? summary.id,
    forkedFromId: meta?.forked_from_id ?? null,
    parentThreadId: agent?.parent_thread_id ?? null,
    preview: summary.preview,
    ephemeral: extra.ephemeral ?? false,
    section: null,
    sectionEnteredAt: null,
    projectId: null,
    historyMode: "paginated",
    modelProvider: settings?.modelProvider ?? context?.model_provider ?? meta?.model_provider ?? "unknown",
    model: settings?.model ?? context?.model ?? null,
    reasoningEffort: settings?.effort ?? context?.effort ?? null,
    createdAt: Math.floor(summary.createdMs / 1000),
    updatedAt: Math.floor(summary.modifiedMs / 1000),
    recencyAt: Math.floor(summary.modifiedMs / 1000),
    status: extra.status,
    path: extra.ephemeral === true ? null : summary.path,
    cwd: settings?.cwd ?? meta?.cwd ?? "",
    cliVersion: meta?.cli_version ?? "unknown",
    originator: meta?.originator ?? null,
    source: sourceView(meta?.source),
    threadSource: threadSourceOf(meta),
    agentNickname: agent?.agent_nickname ?? null,
    agentRole: agent?.agent_role ?? null,
    gitInfo: gitView(meta),
    name: extra.name,
    turns: [...extra.turns],
  };
}

/** How a thread was begun, in the words of the filter `sourceKinds`; the last is the most exact. */
export function sourceKinds(summary: ThreadSummary): string[] {
  const source = sourceView(summary.meta?.source);
  if (typeof source === "string") return [source];
  if (!("subAgent" in source)) return ["unknown"];
  return ["subAgent", source.subAgent === "review" ? "subAgentReview" : "subAgentThreadSpawn"];
}

function sourceView(source: SessionMeta["source"] | undefined): SessionSource {
  switch (source) {
    case "cli":
    case "vscode":
    case "exec":
    case "appServer":
      return source;
    case "review":
      return { subAgent: "review" };
    case undefined:
      return "unknown";
    default: {
      if (typeof source === "string") return { custom: source };
      const origin = agentOrigin({ source });
      if (origin !== null) return { subAgent: { thread_spawn: origin } };
      return source.subagent === "review" ? { subAgent: "review" } : "unknown";
    }
  }
}

function threadSourceOf(meta: SessionMeta | null): string | null {
  return typeof meta?.thread_source === "string" ? meta.thread_source : null;
}

function gitView(meta: SessionMeta | null): WireThread["gitInfo"] {
  if (!meta?.git) return null;
  return { sha: meta.git.commit_hash ?? null, branch: meta.git.branch ?? null, originUrl: null };
}
