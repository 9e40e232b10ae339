import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { RolloutRecord } from "@quire/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nodeRolloutFs, type RolloutFs } from "./rollout-fs.ts";
import { parseRollout } from "./rollout-reader.ts";
import { openRollout } from "./rollout-writer.ts";

let folder = "";
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "quire-rollout-"));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

function said(text: string): RolloutRecord {
  return {
    type: "response_item",
    payload: { type: "message", role: "user", content: [{ type: "input_text", text }] },
  };
}

function writer(rolloutFs: RolloutFs, firstOrdinal = 0) {
  return openRollout({ path: path.join(folder, "a", "r.jsonl"), fs: rolloutFs, now: () => 0, firstOrdinal });
}

test("records come back as they were written, numbered on from the given ordinal", () => {
  const log = writer(nodeRolloutFs, 7);
  log.append([said("one"), said("zwei – 二")]);
  log.sync();
  log.close();
  log.close();
  const data = fs.readFileSync(log.path ?? "");
  expect(parseRollout(data)).toEqual({
    records: [said("one"), said("zwei – 二")],
    damage: [],
    nextOrdinal: 9,
    wholeBytes: data.length,
    endsWithoutNewline: false,
  });
});

test("nobody but the owner can read a log", () => {
  const log = writer(nodeRolloutFs);
  log.append([said("secret")]);
  log.close();
  expect(fs.statSync(log.path ?? "").mode & 0o777).toBe(0o600);
  expect(fs.statSync(path.dirname(log.path ?? "")).mode & 0o777).toBe(0o700);
});

test.each(["ENOSPC", "EIO", "EDQUOT"])(
  "a write that fails half-way (%s) leaves only whole lines behind",
  (code) => {
    let failing = false;
    const flaky: RolloutFs = {
      ...nodeRolloutFs,
      write(fd, data, offset) {
        if (!failing) return nodeRolloutFs.write(fd, data, offset);
        if (offset > 0) throw Object.assign(new Error(`${code}: no more`), { code });
        return nodeRolloutFs.write(fd, data.subarray(0, 20), 0);
      },
    };
    const log = writer(flaky);
    log.append([said("kept")]);
    failing = true;
    expect(() => log.append([said("lost")])).toThrowError(
      expect.objectContaining({ code: code === "EIO" ? "storage_failed" : "storage_full" }),
    );
    failing = false;
    log.append([said("after")]);
    log.close();
    expect(parseRollout(fs.readFileSync(log.path ?? ""))).toMatchObject({
      records: [said("kept"), said("after")],
      damage: [],
      nextOrdinal: 2,
    });
  },
);
