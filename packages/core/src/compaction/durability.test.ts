import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type ContextCompactionItem, type ResponseItem, textMessage } from "@quire/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRedactor } from "../redaction/redactor.ts";
import { replayRollout } from "../rollout/replay.ts";
import { nodeRolloutFs, type RolloutFs } from "../rollout/rollout-fs.ts";
import { parseRollout } from "../rollout/rollout-reader.ts";
import { openRollout } from "../rollout/rollout-writer.ts";
import { ThreadRecord } from "../thread/thread-record.ts";
import { emptyDigest } from "./thread-digest.ts";

const OLD: ResponseItem[] = [textMessage("user", "one"), textMessage("assistant", "two")];
const NEW: ResponseItem[] = [textMessage("user", "one"), textMessage("user", "<context_summary>…")];
const ITEM: ContextCompactionItem = {
  type: "contextCompaction",
  id: "c",
  trigger: "auto",
  compactor: "extract",
  tokensBefore: 10,
  tokensAfter: 5,
  summary: "two was said",
  leftOut: [],
  error: null,
};

let folder = "";
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "quire-compaction-"));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

function recordOn(rolloutFs: RolloutFs) {
  const log = openRollout({
    path: path.join(folder, "r.jsonl"),
    fs: rolloutFs,
    now: () => 0,
    firstOrdinal: 0,
  });
  const published: string[] = [];
  const record = new ThreadRecord({
    threadId: "t",
    log,
    publish: ({ method }) => published.push(method),
    redactor: createRedactor({ values: [] }),
    now: () => 0,
    history: [],
    usage: {
      input_tokens: 0,
      cached_input_tokens: 0,
      cache_write_input_tokens: 0,
      output_tokens: 0,
      reasoning_output_tokens: 0,
    },
    cost: null,
    plan: [],
    requestHead: null,
    digest: emptyDigest(),
    goal: null,
    memoryMode: null,
  });
  record.addHistory(OLD);
  return { record, log, published };
}

const stored = () =>
  replayRollout(parseRollout(fs.readFileSync(path.join(folder, "r.jsonl"))).records).history;
const compact = (record: ThreadRecord) =>
  record.compact("u", { history: NEW, item: ITEM, requestsLeftOut: 0 });

test("cut off at any byte, the log holds the old history or the new one, whole", () => {
  const { record, log } = recordOn(nodeRolloutFs);
  const file = path.join(folder, "r.jsonl");
  const before = fs.statSync(file).size;
  compact(record);
  log.close();
  expect(record.history).toEqual(NEW);
  const whole = fs.readFileSync(file);
  const lineEnd = whole.indexOf(10, before);
  for (let length = before; length <= whole.length; length++) {
    const { history } = replayRollout(parseRollout(whole.subarray(0, length)).records);
    expect(history).toEqual(length < lineEnd ? OLD : NEW);
  }
});

test.each(["write", "half a write", "sync"])(
  "a failing %s leaves the old history in force, in memory and on disk",
  (what) => {
    let failing = false;
    const fail = () => {
      throw Object.assign(new Error("no more"), { code: "ENOSPC" });
    };
    const { record, published } = recordOn({
      ...nodeRolloutFs,
      write(fd, data, offset) {
        if (!failing || what === "sync") return nodeRolloutFs.write(fd, data, offset);
        return what === "write" || offset > 0 ? fail() : nodeRolloutFs.write(fd, data.subarray(0, 30), 0);
      },
      sync: (fd) => (failing ? fail() : nodeRolloutFs.sync(fd)),
    });
    failing = true;
    expect(() => compact(record)).toThrowError(expect.objectContaining({ code: "storage_full" }));
    expect([record.history, stored(), published]).toEqual([OLD, OLD, []]);
    failing = false;
    record.addHistory([textMessage("user", "three")]);
    expect(stored()).toEqual([...OLD, textMessage("user", "three")]);
    compact(record);
    expect([record.history, stored()]).toEqual([NEW, NEW]);
  },
);

test("when the log cannot even be cut back nothing is written to it any more", () => {
  let failing = false;
  const fail = () => {
    throw Object.assign(new Error("gone"), { code: "EIO" });
  };
  const { record } = recordOn({
    ...nodeRolloutFs,
    sync: (fd) => (failing ? fail() : nodeRolloutFs.sync(fd)),
    truncate: (fd, length) => (failing ? fail() : nodeRolloutFs.truncate(fd, length)),
  });
  failing = true;
  expect(() => compact(record)).toThrowError(expect.objectContaining({ code: "storage_failed" }));
  failing = false;
  expect(() => record.addHistory(OLD)).toThrowError(expect.objectContaining({ code: "storage_failed" }));
});
