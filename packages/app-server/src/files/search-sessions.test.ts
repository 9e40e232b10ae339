import type { FuzzyFileMatch } from "@quire/protocol/app-server";
import { expect, test } from "vitest";
import { listeningClient } from "../../test/listening-client.ts";
import type { FileQuery } from "./file-search.ts";
import { SearchSessions } from "./search-sessions.ts";

/** A client, what it was sent, and searches that end when the test says so. */
function world() {
  const { connection: client, frames: sent } = listeningClient();
  const open = new Map<string, { end: (files: FuzzyFileMatch[] | Error) => void; signal: AbortSignal }>();
  const sessions = new SearchSessions({
    find: ({ query, signal }: FileQuery) =>
      new Promise((resolve, reject) => {
        const end = (files: FuzzyFileMatch[] | Error) =>
          files instanceof Error ? reject(files) : resolve(files);
        open.set(query, { end, signal });
      }),
  });
  const search = (query: string) => sessions.update(client, "s", query)();
  const end = async (query: string, files: FuzzyFileMatch[] | Error = []) => {
    open.get(query)?.end(files);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { sessions, client, sent, open, search, end };
}

const told = (query: string) => [
  { method: "fuzzyFileSearch/sessionUpdated", params: { sessionId: "s", query, files: [] } },
  { method: "fuzzyFileSearch/sessionCompleted", params: { sessionId: "s" } },
];

test("the last query is told, those before it are not, whichever ends first", async () => {
  const { sessions, client, sent, open, search, end } = world();
  sessions.start(client, "s", ["/r"]);
  search("a");
  search("ab");
  expect(open.get("a")?.signal.aborted).toBe(true);
  await end("ab");
  await end("a");
  expect(sent).toEqual(told("ab"));
});

test("of a session that was stopped, begun anew, or whose client is gone, nothing is told", async () => {
  const { sessions, client, sent, open, search, end } = world();
  for (const over of [
    () => sessions.stop(client, "s"),
    () => sessions.start(client, "s", ["/r"]),
    () => client.close(),
  ]) {
    sessions.start(client, "s", ["/r"]);
    search("a");
    over();
    expect(open.get("a")?.signal.aborted).toBe(true);
    await end("a");
  }
  expect(sent).toEqual([]);
});

test("a search that fails is said and completed; the next one works", async () => {
  const { sessions, client, sent, search, end } = world();
  sessions.start(client, "s", ["/r"]);
  search("a");
  await end("a", new Error("no disk"));
  search("b");
  await end("b");
  const message = "The file search failed: no disk";
  expect(sent).toEqual([
    { method: "warning", params: { threadId: null, message, code: "internal" } },
    told("a")[1],
    ...told("b"),
  ]);
});

test("sessions without a name, without a place or without end are refused", () => {
  const { sessions, client } = world();
  expect(() => sessions.start(client, "", ["/r"])).toThrow("must not be empty");
  expect(() => sessions.start(client, "s", [])).toThrow("at least one");
  expect(() => sessions.start(client, "s", ["r"])).toThrow("not an absolute path");
  expect(() => sessions.update(client, "s", "a")).toThrow("not found: s");
  for (let at = 0; at < 32; at++) sessions.start(client, `s${at}`, ["/r"]);
  expect(() => sessions.start(client, "s", ["/r"])).toThrow("there are 32");
  sessions.start(client, "s0", ["/other"]);
  sessions.stop(client, "s0");
  sessions.start(client, "s", ["/r"]);
});
