import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import type { ReadTask } from "../src/file-facts.ts";
import { createReadPool } from "../src/read-pool.ts";

/** A thread that ends at files called `bad`, never answers at files called `slow`, and has nothing to say of others. */
const THREAD = `const { parentPort } = require("node:worker_threads");
parentPort.on("message", ({ tasks }) => {
  if (tasks.some(({ path }) => path.includes("bad"))) process.exit(1);
  if (!tasks.some(({ path }) => path.includes("slow"))) parentPort.postMessage(tasks.map(() => []));
});`;

async function pool() {
  const folder = await temporaryDirectory("quire-pool-");
  const workerFile = join(folder.path, "thread.cjs");
  writeFileSync(workerFile, THREAD);
  const opened = createReadPool({
    root: folder.path,
    grammars: null,
    workerFile,
    workers: 2,
    monotonicMs: () => performance.now(),
  });
  return {
    ...opened,
    async [Symbol.asyncDispose]() {
      await opened.rest();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const tasks = (count: number, name: (at: number) => string): ReadTask[] =>
  Array.from({ length: count }, (_, at) => ({ path: name(at), language: "typescript" }));
const never = new AbortController().signal;

test("a file that brings a thread down is told of with those handed over with it, and the others are read", async () => {
  await using reading = await pool();
  const files = tasks(200, (at) => (at === 70 ? "bad" : `file${at}`));
  reading.prepare();
  for (const round of [1, 2]) {
    const told: string[] = [];
    const lost: string[] = [];
    await reading.read(
      "symbols",
      files,
      ({ path }, symbols) => (symbols === null ? lost : told).push(path),
      never,
    );
    expect({
      round,
      lost,
      all: told.length + lost.length,
      different: new Set([...told, ...lost]).size,
    }).toEqual({
      round,
      lost: files.slice(60, 72).map(({ path }) => path),
      all: 200,
      different: 200,
    });
  }
});

test("when threads end again and again that is said", async () => {
  await using reading = await pool();
  await expect(
    reading.read(
      "symbols",
      tasks(200, () => "bad"),
      () => undefined,
      never,
    ),
  ).rejects.toMatchObject({
    code: "internal",
  });
});

test("a thread that does not answer is ended by the signal, and the next reading has another one", async () => {
  await using reading = await pool();
  const leaving = new AbortController();
  const waiting = reading.read(
    "symbols",
    tasks(30, () => "slow"),
    () => undefined,
    leaving.signal,
  );
  leaving.abort();
  await waiting;
  const told: string[] = [];
  await reading.read(
    "symbols",
    tasks(3, () => "file"),
    ({ path }) => told.push(path),
    never,
  );
  expect(told).toEqual(["file", "file", "file"]);
});
