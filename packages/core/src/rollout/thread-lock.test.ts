import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { isProcessAlive, type ProcessIdentity, processStartTime } from "@quire/config";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockThread, type ThreadLockDeps } from "./thread-lock.ts";

const THREAD = "0198a000-0000-7000-8000-000000000001";
let folder = "";
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "quire-lock-"));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

function contender(pid: number, alive: ReadonlySet<number>): ThreadLockDeps {
  const self: ProcessIdentity = { pid, startTime: String(pid), host: "here" };
  return {
    self,
    isAlive: (owner) => alive.has(owner.pid),
    random: Math.random,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

test("of fifty that want a thread at once exactly one gets it, and the next one after its release", async () => {
  const pids = Array.from({ length: 50 }, (_, index) => index + 1);
  const alive = new Set(pids);
  const results = await Promise.allSettled(
    pids.map((pid) => lockThread(folder, THREAD, contender(pid, alive))),
  );
  const held = results.filter((result) => result.status === "fulfilled");
  const refused = results.filter((result) => result.status === "rejected");
  expect(held).toHaveLength(1);
  expect(new Set(refused.map((result) => result.reason.code))).toEqual(new Set(["thread_busy"]));
  held[0]?.value.release();
  const next = await lockThread(folder, THREAD, contender(7, alive));
  next.release();
  expect(fs.readdirSync(folder)).toEqual([]);
});

test("a lock whose owner died does not count and is cleared away", async () => {
  await lockThread(folder, THREAD, contender(1, new Set([1])));
  const lock = await lockThread(folder, THREAD, contender(2, new Set([2])));
  expect(fs.readdirSync(folder)).toHaveLength(1);
  lock.release();
});

test("a lock file cut off while it was written counts by the pid in its name", async () => {
  fs.writeFileSync(path.join(folder, `${THREAD}.77-abc.held`), '{"pid"');
  await expect(lockThread(folder, THREAD, contender(2, new Set([2, 77])))).rejects.toMatchObject({
    code: "thread_busy",
  });
  (await lockThread(folder, THREAD, contender(2, new Set([2])))).release();
});

test("another thread's lock is none of ours", async () => {
  await lockThread(folder, THREAD, contender(1, new Set([1, 2])));
  const other = await lockThread(folder, THREAD.replace("1", "2"), contender(2, new Set([1, 2])));
  other.release();
});

test("a process counts as alive only with its own start time; other hosts are given the benefit of the doubt", () => {
  const self: ProcessIdentity = { pid: process.pid, startTime: processStartTime(process.pid), host: "here" };
  expect(isProcessAlive(self, self)).toBe(true);
  expect(isProcessAlive(self, { ...self, startTime: "1" })).toBe(processStartTime(process.pid) === "");
  expect(isProcessAlive(self, { ...self, pid: 2 ** 22 + 1 })).toBe(false);
  expect(isProcessAlive(self, { pid: 1, startTime: "x", host: "elsewhere" })).toBe(true);
});
