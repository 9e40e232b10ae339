import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, QUIRE_BIN, runQuire, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";

test("a full disk ends the turn typed, says what to do and leaves only whole lines behind", async () => {
  await using world = await execWorld({
    steps: [says("ok"), callsTool("exec_command", { cmd: "seq 1 20000" })],
    script: { afterwards: says("went on") },
  });
  const first = await world.exec(["one"]);
  expect(first.exitCode).toBe(0);
  const sessions = join(world.quireHome, "sessions");
  const small = join(world.home.path, "small");
  await mkdir(small);
  // A mount namespace of its own gives this one run a disk of 40 KiB that holds the thread so far.
  const script = `
    mount -t tmpfs -o size=40k,mode=700 tmpfs "$SMALL" && cp -a "$SESSIONS/." "$SMALL/" &&
    mount --bind "$SMALL" "$SESSIONS" && "$QUIRE" exec -C "$REPO" -s danger-full-access resume --last "two" </dev/null
    code=$?; cp -a "$SMALL/." "$KEEP/"; exit $code`;
  const keep = join(world.home.path, "keep");
  await mkdir(keep);
  const run = await runQuire(["-rm", "sh", "-c", script], {
    command: "/usr/bin/unshare",
    cwd: world.repository.path,
    home: world.home.path,
    env: {
      TEST_KEY: "k",
      QUIRE: QUIRE_BIN,
      REPO: world.repository.path,
      SESSIONS: sessions,
      SMALL: small,
      KEEP: keep,
    },
  });
  expect(run).toMatchObject({ exitCode: 1, stdout: "" });
  expect(run.stderr).toMatch(/No space left|ENOSPC/i);
  expect(run.stderr).toContain("[storage_full]");
  expect(run.stderr).toContain("Make room");
  const { readdir, readFile } = await import("node:fs/promises");
  const files = (await readdir(keep, { recursive: true })).filter((name) => name.endsWith(".jsonl"));
  expect(files).toHaveLength(1);
  for (const line of (await readFile(join(keep, files[0] ?? ""), "utf8")).trimEnd().split("\n"))
    JSON.parse(line);
});
