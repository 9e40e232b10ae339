import path from "node:path";
import { CodedError, errorInfoOf } from "@quire/protocol";
import type { Connection } from "../connection.ts";
import type { FileSearch } from "./file-search.ts";

interface SearchSession {
  readonly roots: readonly string[];
  /** Ends the search for the query before; null before the first. */
  searching: AbortController | null;
}

const MAX_SESSIONS = 32;

/** What a client types while it looks for a file: a session holds where to look, and each query makes the one before end. */
export class SearchSessions {
  readonly #search: FileSearch;
  /** By the names that each client gave its own; they go with the client. */
  readonly #byClient = new WeakMap<Connection, Map<string, SearchSession>>();

  constructor(search: FileSearch) {
    this.#search = search;
  }

  /** Another one of the same name takes the place of the first. Fails with `usage_invalid`. */
  start(client: Connection, sessionId: string, roots: readonly string[]): void {
    if (sessionId === "") throw new CodedError("usage_invalid", "sessionId must not be empty");
    if (roots.length === 0)
      throw new CodedError("usage_invalid", "at least one search directory is required");
    const relative = roots.find((root) => !path.isAbsolute(root));
    if (relative !== undefined) {
      const message = `the search root ${JSON.stringify(relative)} is not an absolute path`;
      throw new CodedError("usage_invalid", message);
    }
    const sessions = this.#byClient.get(client) ?? new Map<string, SearchSession>();
    this.stop(client, sessionId);
    if (sessions.size >= MAX_SESSIONS) {
      throw new CodedError("usage_invalid", `there are ${MAX_SESSIONS} file search sessions already`, {
        nextStep: "Stop one with fuzzyFileSearch/sessionStop.",
      });
    }
    this.#byClient.set(client, sessions.set(sessionId, { roots, searching: null }));
  }

  /** Takes the query up; the returned function searches and tells the client. Fails with `usage_invalid`. */
  update(client: Connection, sessionId: string, query: string): () => void {
    const session = this.#byClient.get(client)?.get(sessionId);
    if (session === undefined) {
      const message = `fuzzy file search session not found: ${sessionId}`;
      throw new CodedError("usage_invalid", message, {
        nextStep: "Begin it with fuzzyFileSearch/sessionStart.",
      });
    }
    session.searching?.abort();
    const searching = new AbortController();
    session.searching = searching;
    const signal = AbortSignal.any([searching.signal, client.gone]);
    return () => void this.#find(client, sessionId, { query, roots: session.roots, signal });
  }

  /** Nothing is told of it any more. There need not be one. */
  stop(client: Connection, sessionId: string): void {
    const sessions = this.#byClient.get(client);
    sessions?.get(sessionId)?.searching?.abort();
    sessions?.delete(sessionId);
  }

  /** Never rejects. */
  async #find(
    client: Connection,
    sessionId: string,
    wanted: { query: string; roots: readonly string[]; signal: AbortSignal },
  ): Promise<void> {
    const { query, signal } = wanted;
    try {
      const files = await this.#search.find({ ...wanted, token: null });
      if (signal.aborted) return;
      client.notify("fuzzyFileSearch/sessionUpdated", { sessionId, query, files });
    } catch (thrown) {
      if (signal.aborted) return;
      const { code, message } = errorInfoOf(thrown);
      client.notify("warning", { threadId: null, message: `The file search failed: ${message}`, code });
    }
    client.notify("fuzzyFileSearch/sessionCompleted", { sessionId });
  }
}
