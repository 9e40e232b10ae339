import { fault, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { startAppServer } from "./support/app-server.ts";
import { execWorld } from "./support/exec-world.ts";

async function withThread(options: Parameters<typeof execWorld>[0]) {
  const world = await execWorld({ script: { afterwards: says("Done.") }, ...options });
  const { events } = await world.execJson(["first"]);
  const [threadId = ""] = events.flatMap((event) =>
    event.type === "thread.started" ? [event.thread_id] : [],
  );
  const queue = (...args: string[]) => world.quire(["queue", ...args]);
  const waiting = async (): Promise<string[]> => {
    const { threads } = JSON.parse((await queue("list", threadId, "--json")).stdout);
    return threads[0].messages.map(({ input }: { input: { text: string }[] }) => input[0]?.text);
  };
  return { world, threadId, queue, waiting, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

test("messages are queued, seen, taken out, and worked on until a turn fails", async () => {
  await using run = await withThread({
    steps: [says("First."), says("Second."), fault({ status: 400 })],
  });
  const { world, threadId, queue, waiting } = run;
  expect(await queue("add", threadId, "do", "one")).toMatchObject({
    exitCode: 0,
    stdout: `${threadId}  1 message waits\n  1  do one\n`,
  });
  await queue("--thread", threadId, "--message", "two \u001b[2Jlines\nhere");
  await queue("add", "--last", "three");
  await queue("add", "--last", "four");
  expect((await queue("list")).stdout).toBe(
    `${threadId}  4 messages wait\n  1  do one\n  2  two ␛[2Jlines here\n  3  three\n  4  four\n`,
  );
  expect((await queue("remove", threadId, "2")).exitCode).toBe(0);
  expect(await waiting()).toEqual(["do one", "three", "four"]);
  const worked = await queue("run", threadId);
  expect(worked.exitCode).toBe(1);
  expect(worked.stdout).toContain("Second.");
  expect(await waiting()).toEqual(["four"]);
  expect(world.server.requests.map(({ inputTexts }) => inputTexts.at(-1))).toEqual([
    "first",
    "do one",
    "three",
  ]);
  expect((await queue("clear", "--last")).stdout).toBe(`${threadId}  no messages wait\n`);
  expect((await queue("list")).stdout).toBe("No message waits for any thread.\n");
});

test("a message goes to the process that has the thread open; what does not fit is said", async () => {
  await using run = await withThread({});
  const { world, threadId, queue } = run;
  await using server = startAppServer(world);
  await server.client.initialize({ experimentalApi: true });
  await server.client.request("thread/resume", { threadId });
  const added = await queue("add", threadId, "over there", "--resume");
  expect(added.exitCode).toBe(0);
  const { params } = await server.client.wait(
    ({ method, params }) => method === "item/completed" && params.item.type === "userMessage",
  );
  expect(params.item.content).toMatchObject([{ text: "over there" }]);
  const refused = await Promise.all([
    queue("add", "no-such-thread", "x"),
    queue("remove", threadId, "7"),
    queue("add", threadId, " "),
    queue("empty"),
  ]);
  expect(refused.map(({ exitCode, stderr }) => [exitCode, /\[(\w+)\]/.exec(stderr)?.[1]])).toEqual([
    [expect.any(Number), "thread_not_found"],
    [2, "usage_invalid"],
    [expect.any(Number), "prompt_empty"],
    [2, "usage_invalid"],
  ]);
});
