import type { FileSearch } from "../files/file-search.ts";
import { SearchSessions } from "../files/search-sessions.ts";
import type { Handlers } from "./handlers.ts";

/** Finding files by a few letters of their path. */
export function fileMethods(
  search: FileSearch,
): Handlers<
  | "fuzzyFileSearch"
  | "fuzzyFileSearch/sessionStart"
  | "fuzzyFileSearch/sessionUpdate"
  | "fuzzyFileSearch/sessionStop"
> {
  const sessions = new SearchSessions(search);
  return {
    async fuzzyFileSearch({ query, roots, cancellationToken }, { signal }) {
      return { files: await search.find({ query, roots, token: cancellationToken ?? null, signal }) };
    },
    "fuzzyFileSearch/sessionStart"({ sessionId, roots }, { connection }) {
      sessions.start(connection, sessionId, roots);
      return {};
    },
    "fuzzyFileSearch/sessionUpdate"({ sessionId, query }, { connection, afterwards }) {
      afterwards(sessions.update(connection, sessionId, query));
      return {};
    },
    "fuzzyFileSearch/sessionStop"({ sessionId }, { connection }) {
      sessions.stop(connection, sessionId);
      return {};
    },
  };
}
