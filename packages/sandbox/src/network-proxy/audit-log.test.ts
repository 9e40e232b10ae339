import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createAuditLog } from "./audit-log.ts";
import type { ProxyDecision } from "./gate.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quire-audit-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const decision: ProxyDecision = {
  host: "example.com",
  port: 443,
  address: "93.184.216.34",
  verdict: "allow",
  rule: "allow example.com",
  method: "connect",
};

test("one line for each decision, readable by the user alone", () => {
  const file = join(folder, "network.jsonl");
  const log = createAuditLog({ file, now: () => 0 });
  log.write(decision);
  log.close();
  log.write({ ...decision, verdict: "deny" });
  log.close();
  log.close();
  const lines = readFileSync(file, "utf8").split("\n");
  expect(lines.map((line) => line && JSON.parse(line))).toEqual([
    { time: "1970-01-01T00:00:00.000Z", ...decision },
    { time: "1970-01-01T00:00:00.000Z", ...decision, verdict: "deny" },
    "",
  ]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("the size is bounded and the newest lines are kept", () => {
  const file = join(folder, "network.jsonl");
  const log = createAuditLog({ file, now: () => 0, maxBytes: 1000 });
  for (let port = 1; port <= 100; port++) log.write({ ...decision, port });
  log.close();
  const lines = [`${file}.1`, file].flatMap((name) => {
    expect(statSync(name).size).toBeLessThanOrEqual(1000);
    return readFileSync(name, "utf8").trim().split("\n");
  });
  const ports = lines.map((line) => (JSON.parse(line) as { port: number }).port);
  expect(ports).toEqual(ports.map((_, at) => 100 - ports.length + 1 + at));
});

test("a link in place of the file is not followed", () => {
  const file = join(folder, "network.jsonl");
  symlinkSync(join(folder, "elsewhere"), file);
  expect(() => createAuditLog({ file, now: () => 0 }).write(decision)).toThrow(/ELOOP/);
});
