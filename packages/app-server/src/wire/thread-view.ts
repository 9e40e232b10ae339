import type { ThreadSummary } from "@quire/core";
import type { ReasoningEffort, SessionMeta } from "@quire/protocol";
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
  return {
    id: summary.id,
    sessionId: summary.id,
    forkedFromId: meta?.forked_from_id ?? null,
    parentThreadId: null,
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
    agentNickname: null,
    agentRole: null,
    gitInfo: gitView(meta),
    name: extra.name,
    turns: [...extra.turns],
  };
}

/** How a thread was begun, in the words of the filter `sourceKinds`. */
export function sourceKind(summary: ThreadSummary): string {
  const source = sourceView(summary.meta?.source);
  if (typeof source === "string") return source;
  return "subAgent" in source ? "subAgentReview" : "unknown";
}

function sourceView(source: string | undefined): SessionSource {
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
    default:
      return { custom: source };
  }
}

function threadSourceOf(meta: SessionMeta | null): string | null {
  return typeof meta?.thread_source === "string" ? meta.thread_source : null;
}

function gitView(meta: SessionMeta | null): WireThread["gitInfo"] {
  if (!meta?.git) return null;
  return { sha: meta.git.commit_hash ?? null, branch: meta.git.branch ?? null, originUrl: null };
}
