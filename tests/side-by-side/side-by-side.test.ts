import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExecEvent } from "@quire/protocol";
import { parseScenario, replies, says, sendsItem } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "../support/exec-world.ts";

/**
 * What `codex exec --json` 0.169 was seen to print for scripted models, without ids, texts of errors and the numbers
 * that no client reads. Ours has to contain it; README.md in this folder says how it was recorded.
 */
interface Case {
  name: string;
  scenario: object;
  /** Files changed after the commit. */
  dirty?: Record<string, string>;
  runs: { args: string[]; exitCode: number; events: object[] }[];
  /** The code of the item that ours shows where the reference shows nothing; `*` is any. */
  silentThere?: string;
  /** An event that ours leaves out, and why. */
  onlyThere?: { event: object; count: number; why: string };
}

const cases: Case[] = JSON.parse(await readFile(new URL("reference-streams.json", import.meta.url), "utf8"));

const RETRIES = `request_max_retries = 1
stream_max_retries = 1
stream_idle_timeout_ms = 2000
`;

test.for(cases.map((each) => [each.name, each] as const))(
  "%s: our stream contains the reference's",
  { concurrent: false },
  async ([, each]) => {
    await using world = await worldFor(each);
    let thread = "";
    for (const run of each.runs) {
      const words = run.args.slice(1).map((word) => word.replace("$TID", thread));
      const ours = await world.exec(words);
      const lines = ours.stdout.trim().split("\n");
      const events: ExecEvent[] = lines.map((line) => JSON.parse(line));
      expect({ args: run.args, exitCode: ours.exitCode }).toEqual({ args: run.args, exitCode: run.exitCode });
      const [started] = events;
      thread = started?.type === "thread.started" ? started.thread_id : thread;
      const theirs = withoutDepartures(run.events, each);
      expect(missing(theirs, events, world.repository.path)).toEqual([]);
      if (each.silentThere !== undefined) expect(codesShown(events)).toContainEqual(shown(each.silentThere));
    }
  },
);

test("a web search of the endpoint is told as begun and as done, with one id", async () => {
  const action = { type: "search", query: "quire" };
  await using world = await execWorld({
    steps: [
      replies(sendsItem({ type: "web_search_call", id: "ws_1", status: "completed", action }), says("ok")),
    ],
  });
  const { events } = await world.execJson(["go"]);
  const search = { id: "item_0", type: "web_search", query: "quire", action };
  expect(events.slice(2, 4)).toEqual([
    { type: "item.started", item: search },
    { type: "item.completed", item: search },
  ]);
});

test("a resumed thread keeps its id, a fork gets a new one", async () => {
  const idsOf = async (name: string) => {
    const each = cases.find((candidate) => candidate.name === name);
    if (!each) throw new Error(`there is no case ${name}`);
    await using world = await worldFor(each);
    const ids: string[] = [];
    for (const run of each.runs) {
      const words = run.args.slice(1).map((word) => word.replace("$TID", ids.at(-1) ?? ""));
      const { stdout } = await world.exec(words);
      ids.push(JSON.parse(stdout.split("\n")[0] ?? "").thread_id);
    }
    return new Set(ids).size;
  };
  expect([await idsOf("resume"), await idsOf("fork")]).toEqual([1, 2]);
});

async function worldFor(each: Case) {
  const schema = {
    type: "object",
    properties: { color: { type: "string" } },
    required: ["color"],
    additionalProperties: false,
  };
  const steps: ReturnType<typeof parseScenario>["steps"] = [];
  const script: ReturnType<typeof parseScenario>["options"] = {};
  const world = await execWorld({
    files: { "a.txt": "one\n", "schema.json": JSON.stringify(schema) },
    steps,
    script,
    provider: RETRIES,
  });
  const scenario = parseScenario(JSON.stringify(each.scenario).replaceAll("$REPO", world.repository.path));
  steps.push(...scenario.steps);
  Object.assign(script, scenario.options);
  for (const [file, text] of Object.entries(each.dirty ?? {})) {
    await writeFile(join(world.repository.path, file), text);
  }
  return world;
}

function withoutDepartures(events: readonly object[], { onlyThere }: Case): object[] {
  if (!onlyThere) return [...events];
  let left = onlyThere.count;
  return events.filter((event) => !(contains(event, onlyThere.event) && left-- > 0));
}

/** Their events that ours does not have in that order. Events of calls that run beside each other may change places. */
function missing(theirs: readonly object[], ours: readonly ExecEvent[], repository: string): object[] {
  const rest = [...ours];
  return theirs.filter((raw) => {
    const event: object = JSON.parse(JSON.stringify(raw).replaceAll("$REPO", repository));
    const isCommand = "item" in event && contains(event, { item: { type: "command_execution" } });
    const index = rest.findIndex((candidate) => contains(candidate, event));
    if (index === -1) return true;
    rest.splice(isCommand ? index : 0, isCommand ? 1 : index + 1);
    return false;
  });
}

/** Whether `whole` has everything that `part` says. Ours starts its shell without -l. */
function contains(whole: unknown, part: unknown): boolean {
  if (typeof part === "string") return whole === part || whole === part.replace("bash -lc", "bash -c");
  if (typeof part !== "object" || part === null) return Object.is(whole, part);
  if (typeof whole !== "object" || whole === null) return false;
  if (Array.isArray(part) && (!Array.isArray(whole) || whole.length !== part.length)) return false;
  return Object.entries(part).every(([key, value]) => contains(Reflect.get(whole, key), value));
}

function codesShown(events: readonly ExecEvent[]): (string | undefined)[] {
  return events.flatMap((event) => {
    if (event.type !== "item.completed" || !("error" in event.item)) return [];
    return [event.item.error?.code];
  });
}

function shown(code: string): unknown {
  return code === "*" ? expect.any(String) : code;
}
