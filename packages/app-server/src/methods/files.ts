import type { Engine } from "../engine.ts";
import type { Handlers } from "./handlers.ts";

/** Finding files by a few letters of their path. The code of it is loaded with the first search. */
export function fileMethods(
  engine: Pick<Engine, "listFiles" | "now">,
): Handlers<
  | "fuzzyFileSearch"
  | "fuzzyFileSearch/sessionStart"
  | "fuzzyFileSearch/sessionUpdate"
  | "fuzzyFileSearch/sessionStop"
> {
  let opening: ReturnType<typeof openSearch> | null = null;
  const opened = () => {
    opening ??= openSearch(engine);
    return opening;
  };
  return {
    async fuzzyFileSearch({ query, roots, cancellationToken }, { signal }) {
      const { search } = await opened();
      return { files: await search.find({ query, roots, token: cancellationToken ?? null, signal }) };
    },
    async "fuzzyFileSearch/sessionStart"({ sessionId, roots }, { connection }) {
      const { sessions } = await opened();
      sessions.start(connection, sessionId, roots);
      return {};
    },
    async "fuzzyFileSearch/sessionUpdate"({ sessionId, query }, { connection, afterwards }) {
      const { sessions } = await opened();
      afterwards(sessions.update(connection, sessionId, query));
      return {};
    },
    async "fuzzyFileSearch/sessionStop"({ sessionId }, { connection }) {
      const { sessions } = await opened();
      sessions.stop(connection, sessionId);
      return {};
    },
  };
}

async function openSearch(engine: Pick<Engine, "listFiles" | "now">) {
  const [{ createFileSearch }, { SearchSessions }] = await Promise.all([
    import("../files/file-search.ts"),
    import("../files/search-sessions.ts"),
  ]);
  const search = createFileSearch({ listFiles: engine.listFiles, now: () => engine.now() });
  return { search, sessions: new SearchSessions(search) };
}
