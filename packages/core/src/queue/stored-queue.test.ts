import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { changeQueue, type QueuedMessage, readQueue, removeQueue } from "./stored-queue.ts";

const THREAD = "01a1fde1-bd2f-76c1-8beb-0d6dc684a1b9";

async function temporaryDirectory() {
  const path = await mkdtemp(join(tmpdir(), "quire-queue-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

function message(id: string): QueuedMessage {
  return { id, input: [{ type: "text", text: `do ${id}` }], clientId: `c-${id}`, metadata: null };
}

const ids = (messages: readonly QueuedMessage[]) => messages.map(({ id }) => id);

test("what was put in comes out in its order, also when several put at once; the file is the user's alone", async () => {
  await using home = await temporaryDirectory();
  expect(readQueue(home.path, THREAD)).toEqual([]);
  const names = Array.from({ length: 8 }, (_, at) => `m${at}`);
  await Promise.all(names.map((id) => changeQueue(home.path, THREAD, (all) => [...all, message(id)])));
  const kept = readQueue(home.path, THREAD);
  expect(ids(kept).sort()).toEqual(names);
  expect(kept[0]).toEqual(message(kept[0]?.id ?? ""));
  const after = await changeQueue(home.path, THREAD, ([first, ...rest]) => [
    ...rest,
    ...(first ? [first] : []),
  ]);
  expect(readQueue(home.path, THREAD)).toEqual(after);
  expect((await stat(join(home.path, "queues", `${THREAD}.json`))).mode & 0o777).toBe(0o600);
  removeQueue(home.path, THREAD);
  expect(readQueue(home.path, THREAD)).toEqual([]);
});

test("a change that fails, or makes the queue too large, leaves it as it was", async () => {
  await using home = await temporaryDirectory();
  await changeQueue(home.path, THREAD, () => [message("a")]);
  const broken = changeQueue(home.path, THREAD, () => {
    throw new Error("no");
  });
  await expect(broken).rejects.toThrow("no");
  const many = Array.from({ length: 1001 }, (_, at) => message(`m${at}`));
  await expect(changeQueue(home.path, THREAD, () => many)).rejects.toMatchObject({ code: "usage_invalid" });
  expect(ids(readQueue(home.path, THREAD))).toEqual(["a"]);
});

test.each(["", "{", '{"version":2,"messages":[]}', '{"version":1,"messages":[{"id":1}]}'])(
  "a file that says %j is an error with its place, and is not written over",
  async (text) => {
    await using home = await temporaryDirectory();
    const file = join(home.path, "queues", `${THREAD}.json`);
    await mkdir(join(home.path, "queues"));
    await writeFile(file, text);
    const problem = { code: "storage_failed", message: expect.stringContaining(file) };
    expect(() => readQueue(home.path, THREAD)).toThrow(expect.objectContaining(problem));
    await expect(changeQueue(home.path, THREAD, () => [])).rejects.toMatchObject(problem);
    expect(await readFile(file, "utf8")).toBe(text);
  },
);

test("what is no id of a thread names no file", () => {
  expect(() => readQueue("/nowhere", "../../etc/passwd")).toThrow(/no id of a thread/);
});
