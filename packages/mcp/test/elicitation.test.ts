import { expect, test } from "vitest";
import type { AskPerson, McpElicitation } from "../src/index.ts";
import { answerTold, fixture, mcpWorldWith } from "./world.ts";

/** What the tool `ask` of the fixture was answered. */
function answerTo(askPerson: AskPerson, args: Record<string, unknown> = {}, timeoutMs?: number) {
  return answerTold({ askPerson }, fixture("normal"), "ask", args, timeoutMs);
}

test("a form is put to a person as the server worded it, and the answer goes back", async () => {
  const asked: [string, McpElicitation][] = [];
  const answer = await answerTo(async (server, elicitation) => {
    asked.push([server, elicitation]);
    return { action: "accept", content: { name: "Ada", age: 36 } };
  });
  expect(answer).toEqual({ action: "accept", content: { name: "Ada", age: 36 } });
  expect(asked).toEqual([
    [
      "normal",
      {
        mode: "form",
        message: "Who are you?",
        requestedSchema: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
      },
    ],
  ]);
});

test("an address is put to a person; a no and no answer are told apart", async () => {
  const url = "https://example.com/pay";
  const seen: McpElicitation[] = [];
  const decline = await answerTo(
    async (_, elicitation) => {
      seen.push(elicitation);
      return { action: "decline" };
    },
    { mode: "url", url },
  );
  expect([decline, seen]).toEqual([
    { action: "decline" },
    [{ mode: "url", message: "Who are you?", url, elicitationId: "e1" }],
  ]);
  const failing: AskPerson = () => Promise.reject(new Error("the terminal is gone"));
  expect(await answerTo(failing)).toEqual({ action: "cancel" });
});

test("the time of a call stands still while a person thinks", async () => {
  const slow: AskPerson = async () => {
    await new Promise((resolve) => setTimeout(resolve, 600));
    return { action: "decline" };
  };
  expect(await answerTo(slow, {}, 300)).toEqual({ action: "decline" });
});

test("a question that the server withdraws is taken back from the person", async () => {
  let withdrawn = false;
  const answer = await answerTo(
    (_, __, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          withdrawn = true;
          resolve({ action: "cancel" });
        });
      }),
    { mode: "withdraw" },
  );
  expect([answer, withdrawn]).toEqual(["withdrawn", true]);
});

test("where nobody can be asked questions are declined, and a request for a model's answer is refused with words", async () => {
  const refused: string[] = [];
  const onSamplingRefused = (server: string) => refused.push(server);
  await using world = mcpWorldWith({ onSamplingRefused }, fixture("normal"));
  await world.settle();
  const said = async (tool: string) => {
    const outcome = await world.call("normal", tool);
    return outcome.kind === "result" ? JSON.parse(String(outcome.content[0]?.text)) : outcome;
  };
  expect(await said("ask")).toEqual({ action: "decline" });
  expect(await said("sample")).toEqual({
    code: -32601,
    message: expect.stringContaining("does not answer requests for a model"),
  });
  expect(refused).toEqual(["normal"]);
});

test("a call that needs a person at an address first is made once more when they were there, and not otherwise", async () => {
  const asked: string[] = [];
  const outcome = async (urls: string[], once: boolean, action: "accept" | "decline") => {
    const askPerson: AskPerson = async (_, elicitation) => {
      asked.push(elicitation.mode === "url" ? elicitation.url : "a form");
      return { action };
    };
    await using world = mcpWorldWith({ askPerson }, fixture("normal"));
    await world.settle();
    const done = await world.call("normal", "reject", { urls, once });
    return done.kind === "result" ? done.content[0]?.text : done.reason;
  };
  expect([
    await outcome(["https://a.example/in"], true, "accept"),
    await outcome(["https://b.example/in"], true, "decline"),
    // One that never has enough is refused the second time.
    await outcome(["https://c.example/in"], false, "accept"),
    await outcome(["http://unsafe.example/in"], true, "accept"),
    await outcome([], true, "accept"),
  ]).toEqual(["signed in", "rejected", "rejected", "rejected", "rejected"]);
  expect(asked).toEqual(["https://a.example/in", "https://b.example/in", "https://c.example/in"]);
});
