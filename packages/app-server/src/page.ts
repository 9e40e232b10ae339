import type { SortDirection } from "@quire/protocol/app-server";
import { RpcError } from "./rpc-error.ts";

export interface PageRequest {
  cursor?: string | null | undefined;
  limit?: number | null | undefined;
}

export interface Page<T> {
  data: T[];
  nextCursor: string | null;
  /** To go on in the other direction, with the first entry of this page. Null for an empty page. */
  backwardsCursor: string | null;
}

const MAX_LIMIT = 500;

/**
 * One page of a list whose entries have stable keys. A cursor names the entry it stands before or behind, so entries that
 * are added or removed meanwhile shift nothing.
 */
export function pageOf<T>(
  entries: readonly T[],
  keyOf: (entry: T) => string,
  request: PageRequest,
  defaultLimit = 50,
): Page<T> {
  const limit = pageLimit(request.limit, defaultLimit);
  const from = startOf(entries, keyOf, request.cursor ?? null);
  const data = entries.slice(from, from + limit);
  const [first] = data;
  const last = data.at(-1);
  return {
    data,
    nextCursor: last !== undefined && from + limit < entries.length ? `after:${keyOf(last)}` : null,
    backwardsCursor: first === undefined ? null : `from:${keyOf(first)}`,
  };
}

/** Oldest first or newest first. */
export function ordered<T>(oldestFirst: readonly T[], direction: SortDirection): readonly T[] {
  return direction === "asc" ? oldestFirst : [...oldestFirst].reverse();
}

export function pageLimit(limit: number | null | undefined, defaultLimit: number): number {
  if (limit === null || limit === undefined) return defaultLimit;
  return Math.max(1, Math.min(MAX_LIMIT, Math.floor(limit)));
}

function startOf<T>(entries: readonly T[], keyOf: (entry: T) => string, cursor: string | null): number {
  if (cursor === null) return 0;
  const match = /^(after|from):(.+)$/s.exec(cursor);
  const index = match ? entries.findIndex((entry) => keyOf(entry) === match[2]) : -1;
  if (!match || index === -1) {
    throw new RpcError("invalidParams", "cursor_invalid", "This cursor does not belong to this list.");
  }
  return match[1] === "after" ? index + 1 : index;
}
