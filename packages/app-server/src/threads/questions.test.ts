import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { listeningClient } from "../../test/listening-client.ts";
import type { Connection } from "../connection.ts";
import { Audience } from "./audience.ts";
import { type ActiveFlag, Questions } from "./questions.ts";

const METHOD = "item/commandExecution/requestApproval";
const PARAMS = {
  kind: "command",
  threadId: "t",
  turnId: "u",
  itemId: "i",
  startedAtMs: 0,
  environmentId: null,
} as const;
const NOBODY = { decision: "decline" } as const;

function room(graceMs = 60_000) {
  const audience = new Audience();
  const flags: ActiveFlag[][] = [];
  let id = 0;
  const questions = new Questions({
    audience,
    graceMs,
    nextRequestId: () => id++,
    onFlags: (next) => flags.push(next),
  });
  const ask = (signal = new AbortController().signal) =>
    questions.ask(METHOD, PARAMS, { signal, nobody: NOBODY });
  const join = (connection: Connection) => {
    audience.add(connection, 0);
    questions.joined(connection);
  };
  const leave = (connection: Connection) => {
    audience.remove(connection);
    questions.left();
  };
  return { questions, ask, join, leave, flags };
}

const asked = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test("the first usable answer counts; one that cannot be read does not", async () => {
  const { questions, ask, join, flags } = room();
  const [one, two] = [listeningClient(), listeningClient()];
  join(one.connection);
  join(two.connection);
  const answer = ask();
  await asked();
  questions.answered(0, { kind: "result", result: { decision: "perhaps" } }, one.connection);
  questions.answered(0, { kind: "result", result: { decision: "accept" } }, two.connection);
  expect(await answer).toEqual({ decision: "accept" });
  expect(one.methods()).toEqual([METHOD, "warning", "serverRequest/resolved"]);
  expect(two.methods()).toEqual([METHOD, "serverRequest/resolved"]);
  expect(questions.answered(0, { kind: "result", result: { decision: "cancel" } }, one.connection)).toBe(
    false,
  );
  expect(flags).toEqual([["waitingOnApproval"], []]);
});

test("when every client says that it cannot answer, nobody's answer counts", async () => {
  const { questions, ask, join, leave } = room();
  const [one, two] = [listeningClient(), listeningClient()];
  join(one.connection);
  join(two.connection);
  const answer = ask();
  await asked();
  questions.answered(0, { kind: "error", error: { code: -32601, message: "no" } }, one.connection);
  leave(two.connection);
  expect(await answer).toEqual(NOBODY);
});

test("when all clients have left, a question waits a while for another one", async () => {
  const { ask, join, leave, questions } = room(40);
  const one = listeningClient();
  join(one.connection);
  const first = ask();
  await asked();
  leave(one.connection);
  const late = listeningClient();
  join(late.connection);
  await sleep(80);
  questions.answered(0, { kind: "result", result: { decision: "acceptForSession" } }, late.connection);
  expect(await first).toEqual({ decision: "acceptForSession" });
  leave(late.connection);
  expect(await ask()).toEqual(NOBODY);
});

test("an interrupted turn takes its question back", async () => {
  const { ask, join } = room();
  const one = listeningClient();
  join(one.connection);
  const controller = new AbortController();
  const answer = ask(controller.signal);
  await asked();
  controller.abort();
  await expect(answer).rejects.toMatchObject({ code: "interrupted" });
  expect(one.methods()).toEqual([METHOD, "serverRequest/resolved"]);
});
