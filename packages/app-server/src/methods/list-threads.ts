import type { ThreadFile, ThreadSummary } from "@quire/core";
import type { ClientResult, ThreadListParams, WireThread } from "@quire/protocol/app-server";
import type { StoredThreads } from "../engine.ts";
import { pageLimit, pageOf } from "../page.ts";
import type { ThreadViews } from "../threads/thread-views.ts";
import { sourceKinds } from "../wire/thread-view.ts";

/** What is listed when the client does not say: threads that a person had in front of them. */
const INTERACTIVE = ["cli", "vscode", "appServer", "unknown"];

/**
 * One page of threads. By creation time the files' names give the order and only as many files are read as the page
 * needs; other orders look at every file's modification time.
 */
export function listThreads(
  params: ThreadListParams,
  stored: StoredThreads,
  views: ThreadViews,
): ClientResult<"thread/list"> {
  const names = stored.names();
  const sorted = sortedFiles(params, stored);
  const { data: rest } = pageOf(sorted, ({ id }) => id, { cursor: params.cursor, limit: 1 });
  const from = rest[0] === undefined ? sorted.length : sorted.indexOf(rest[0]);
  const limit = pageLimit(params.limit, 25);
  const matching: WireThread[] = [];
  for (const file of sorted.slice(from)) {
    if (matching.length > limit) break;
    const summary = stored.summarize(file);
    if (summary === null || !matches(summary, params, names)) continue;
    matching.push(views.ofSummary(summary, names));
  }
  const page = pageOf(matching, ({ id }) => id, { limit });
  return page;
}

function sortedFiles(params: ThreadListParams, stored: StoredThreads): ThreadFile[] {
  const excluded = new Set(params.excludedThreadIds ?? []);
  const files = [...stored.list({ archived: params.archived ?? false })].filter(
    ({ id }) => !excluded.has(id),
  );
  const byTime = params.sortKey === "updated_at" || params.sortKey === "recency_at";
  const sorted = byTime ? newestWrittenFirst(files, stored) : files;
  return params.sortDirection === "asc" ? sorted.reverse() : sorted;
}

function newestWrittenFirst(files: readonly ThreadFile[], stored: StoredThreads): ThreadFile[] {
  const times = files.map((file) => ({ file, ms: stored.modifiedMs(file) }));
  return times.sort((a, b) => b.ms - a.ms).map(({ file }) => file);
}

function matches(
  summary: ThreadSummary,
  params: ThreadListParams,
  names: ReadonlyMap<string, string>,
): boolean {
  const kinds = params.sourceKinds?.length ? params.sourceKinds : INTERACTIVE;
  if (!sourceKinds(summary).some((kind) => kinds.includes(kind))) return false;
  const provider = summary.lastTurnContext?.model_provider ?? summary.meta?.model_provider ?? "";
  if (params.modelProviders?.length && !params.modelProviders.includes(provider)) return false;
  const folders = typeof params.cwd === "string" ? [params.cwd] : (params.cwd ?? []);
  if (folders.length > 0 && !folders.includes(summary.meta?.cwd ?? "")) return false;
  const term = params.searchTerm?.toLowerCase() ?? "";
  const title = names.get(summary.id) ?? summary.preview;
  return term === "" || title.toLowerCase().includes(term);
}
