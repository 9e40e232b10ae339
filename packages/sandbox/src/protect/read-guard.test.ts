import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { SandboxDeps } from "../deps.ts";
import type { SandboxPolicy } from "../policy.ts";
import { createReadGuard } from "./read-guard.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "quire-read-guard-")));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const home = join(base, "home");
const workspace = join(home, ".codex/worktrees/app");
for (const file of [".ssh/id_rsa", ".netrc", ".quire/auth.json", ".codex/auth.json", "notes.txt"]) {
  mkdirSync(dirname(join(home, file)), { recursive: true });
  writeFileSync(join(home, file), "x");
}
mkdirSync(join(workspace, "pkg"), { recursive: true });

function guard(policy: Partial<SandboxPolicy> = {}): (path: string) => boolean {
  const deps: SandboxDeps = {
    env: {},
    homeDir: home,
    stateDir: join(home, ".quire"),
    runtimeDir: join(base, "runtime"),
    platform: "linux",
    arch: "x64",
    uid: 1000,
    pid: process.pid,
    kernelRelease: "6",
    now: () => 0,
    uniqueName: () => "x",
  };
  const whole: SandboxPolicy = {
    mode: "workspace-write",
    workspaceRoots: [workspace],
    extraWritableRoots: [],
    network: "off",
    environment: {},
    ...policy,
  };
  return createReadGuard(whole, deps);
}

test("what a command may not read, the program does not read for the model either", () => {
  const mayRead = guard();
  const answers = Object.fromEntries(
    [
      ".ssh/id_rsa",
      ".ssh",
      ".netrc",
      ".quire/auth.json",
      ".codex/auth.json",
      "notes.txt",
      ".env",
      ".codex/worktrees/app/.env",
      ".codex/worktrees/app/pkg/.env.local",
      ".codex/worktrees/app/.env.example",
      ".codex/worktrees/app/a.png",
    ].map((file) => [file, mayRead(join(home, file))]),
  );
  expect(answers).toEqual({
    ".ssh/id_rsa": false,
    ".ssh": false,
    ".netrc": false,
    ".quire/auth.json": false,
    ".codex/auth.json": false,
    "notes.txt": true,
    ".env": true,
    ".codex/worktrees/app/.env": false,
    ".codex/worktrees/app/pkg/.env.local": false,
    ".codex/worktrees/app/.env.example": true,
    ".codex/worktrees/app/a.png": true,
  });
});

test("the user can show a file and hide another; without confinement nothing is hidden", () => {
  const shown = guard({
    readAllow: [join(workspace, ".env")],
    readDeny: [join(home, "notes.txt")],
  });
  expect([shown(join(workspace, ".env")), shown(join(home, "notes.txt"))]).toEqual([true, false]);
  expect(guard({ mode: "danger-full-access" })(join(home, ".ssh/id_rsa"))).toBe(true);
});
