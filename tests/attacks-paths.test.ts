import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { link, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { callsTool, callsTools, patches, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";

const add = (path: string) => `*** Begin Patch\n*** Add File: ${path}\n+evil\n*** End Patch`;
const update = (path: string, more = "") =>
  `*** Begin Patch\n*** Update File: ${path}\n${more}@@\n-one\n+evil\n*** End Patch`;
const remove = (path: string) => `*** Begin Patch\n*** Delete File: ${path}\n*** End Patch`;

// Class 6.
test("no spelling of a path leads a patch out of the workspace or onto a protected name", async () => {
  await using world = await execWorld({
    files: { "a.txt": "one\n", "move.txt": "one\n" },
    script: { afterwards: (request) => step(request.toolOutputs.length) },
  });
  const { path: root } = world.repository;
  const outside = join(world.home.path, "outside");
  await mkdir(join(outside, "folder"), { recursive: true });
  await writeFile(join(outside, "victim.txt"), "one\n");
  await writeFile(join(outside, "folder/victim.txt"), "one\n");
  await symlink(outside, join(root, "way-out"));
  await symlink("way-out/folder", join(root, "long-way-out"));
  await symlink(join(outside, "victim.txt"), join(root, "leaf"));
  await symlink(join(outside, "new-leaf.txt"), join(root, "dangling"));
  await symlink(".git", join(root, "git-by-another-name"));
  await link(join(outside, "victim.txt"), join(root, "hard"));
  const up = root
    .split("/")
    .map(() => "..")
    .join("/");
  const hostile = [
    add(`${outside}/new.txt`),
    add(`../${"x".repeat(8)}.txt`),
    add(`a/../../escape.txt`),
    add(`${up}${outside}/new.txt`),
    add("way-out/new.txt"),
    add("long-way-out/new.txt"),
    add("dangling"),
    update("leaf"),
    update("way-out/victim.txt"),
    update(`${outside}/victim.txt`),
    update("move.txt", "*** Move to: ../moved.txt\n"),
    update("move.txt", "*** Move to: way-out/moved.txt\n"),
    update("move.txt", "*** Move to: .git/hooks/pre-commit\n"),
    remove("way-out/victim.txt"),
    remove("long-way-out/victim.txt"),
    remove(".git/config"),
    add(".git/hooks/pre-commit"),
    add("./.git/hooks/post-checkout"),
    add("sub/../.git/config"),
    add(".GIT/config"),
    add(".Git/hooks/x"),
    add(".git /x"),
    add(".git./x"),
    add("git~1/x"),
    add(".gi\u200ct/x"),
    add("git-by-another-name/hooks/x"),
    add("deep/er/.git/hooks/x"),
    add(".quire/config.toml"),
    add("sub/.CLAUDE/settings.json"),
    add(".gitmodules"),
    add("nul\0byte.txt"),
    add(`${"n".repeat(300)}.txt`),
    add("/dev/shm/evil"),
    update("/proc/self/comm"),
  ];
  const step = (at: number) => (at < hostile.length ? patches(hostile[at] ?? "") : says("done"));
  const before = await snapshot(root);
  const run = await world.exec(["go"]);
  expect(run.exitCode).toBe(0);
  const outputs = world.server.requests.at(-1)?.toolOutputs ?? [];
  expect(outputs).toHaveLength(hostile.length);
  const applied = hostile.filter((_, at) => !outputs[at]?.includes("verification failed"));
  expect(applied).toEqual([]);
  expect(await snapshot(root)).toEqual(before);
  expect(await snapshot(outside)).toEqual({ "folder/victim.txt": "one\n", "victim.txt": "one\n" });
  expect((await readdir(dirname(root))).filter((name) => /^(?:escape|moved|xxxxxxxx)/.test(name))).toEqual(
    [],
  );
});

test("a hard link to a file outside is cut, not written through", async () => {
  await using world = await execWorld({ steps: [patches(update("hard.txt")), says("done")] });
  const victim = join(world.home.path, "victim.txt");
  await writeFile(victim, "one\n");
  await link(victim, join(world.repository.path, "hard.txt"));
  await world.exec(["go"]);
  expect(await readFile(victim, "utf8")).toBe("one\n");
});

// Class 6, the reading side: what a failed patch quotes and what view_image shows.
test("files that hold secrets are neither quoted by a failed patch nor shown as images", async () => {
  const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk", "base64");
  const wrong = (path: string) =>
    patches(`*** Begin Patch\n*** Update File: ${path}\n@@\n-CANARY=no such line\n+x\n*** End Patch`);
  await using world = await execWorld({
    files: { ".env": "CANARY=env-canary-1234\n" },
    steps: [
      wrong(".env"),
      wrong("settings.txt"),
      () => wrong(join(world.quireHome, "auth.json")),
      () => callsTool("view_image", { path: join(world.home.path, ".ssh/id.png") }),
      callsTool("view_image", { path: "innocent.png" }),
      callsTool("view_image", { path: ".env.png" }),
      callsTool("exec_command", { cmd: "cat .env settings.txt ~/.ssh/id.png ~/.quire/auth.json" }),
      says("done"),
    ],
  });
  const { path: root } = world.repository;
  const secret = join(world.home.path, ".ssh");
  await mkdir(secret);
  await writeFile(join(secret, "id.png"), Buffer.concat([png, Buffer.from("ssh-canary-5678")]));
  await writeFile(join(world.quireHome, "auth.json"), '{"token":"auth-canary-91011"}');
  await symlink(join(secret, "id.png"), join(root, "innocent.png"));
  await symlink(".env", join(root, "settings.txt"));
  await writeFile(join(root, ".env.png"), png);
  const run = await world.exec(["go"]);
  expect(run.exitCode).toBe(0);
  const outputs = world.server.requests.at(-1)?.toolOutputs ?? [];
  expect(outputs).toHaveLength(7);
  for (const output of outputs) expect(output).not.toMatch(/canary/);
  expect(outputs.slice(0, 3)).toEqual([
    expect.stringMatching(/hold secrets/),
    expect.stringMatching(/hold secrets/),
    expect.stringMatching(/outside of/),
  ]);
  for (const output of outputs.slice(3, 6)) expect(output).toMatch(/may not be read/);
});

// Class 7.
test("what decides which code git runs next cannot be written, wherever it lies", async () => {
  const targets = [
    ".git/hooks/pre-commit",
    ".git/config",
    ".git/info/attributes",
    ".git/modules/x/config",
    "vendor/nested/deep/inner/.git/hooks/pre-commit",
    "vendor/nested/deep/inner/.git/config",
    "linked/.git",
    ".gitmodules",
  ];
  await using world = await execWorld({
    steps: [
      callsTools([
        ...targets.map(
          (file) => ["exec_command", { cmd: `mkdir -p "$(dirname ${file})"; echo evil >> ${file}` }] as const,
        ),
        ["exec_command", { cmd: "git config core.fsmonitor 'touch evil'" }],
        [
          "exec_command",
          { cmd: "mv .git .git-old; mv vendor/nested vendor/other; rm -rf vendor linked/.git" },
        ],
        ["exec_command", { cmd: "ln -sfn /tmp .git/hooks; chmod 777 .git/config" }],
      ]),
      ...targets.map((file) => patches(add(file))),
      says("done"),
    ],
  });
  const { path: root } = world.repository;
  await world.repository.git("init", "-q", "vendor/nested/deep/inner");
  await world.repository.git("worktree", "add", "-q", "linked", "-b", "side");
  const before = await gitFiles(root);
  await world.exec(["go"]);
  expect(world.server.requests.at(-1)?.toolOutputs).toHaveLength(targets.length * 2 + 3);
  expect(await gitFiles(root)).toEqual(before);
});

// Class 9.
test("20,000 swaps of a folder with a link while patches are applied: nothing is written outside", async () => {
  const files = Array.from({ length: 24 }, (_, at) => `*** Add File: flip/file-${at}.txt\n+evil`).join("\n");
  const undo = Array.from({ length: 24 }, (_, at) => `*** Delete File: flip/file-${at}.txt`).join("\n");
  const rounds = Array.from({ length: 12 }, () => [
    patches(`*** Begin Patch\n${files}\n*** End Patch`),
    patches(`*** Begin Patch\n${undo}\n*** End Patch`),
  ]).flat();
  await using world = await execWorld({ files: { "a.txt": "one\n" }, steps: [...rounds, says("done")] });
  const outside = join(world.home.path, "outside");
  await mkdir(outside);
  await mkdir(join(world.repository.path, "inside"));
  await writeFile(join(outside, "file-3.txt"), "precious\n");
  const flipper = startFlipping(world.repository.path, outside);
  const run = await world.exec(["go"]);
  const flips = await stopFlipping(flipper);
  expect(run.exitCode).toBe(0);
  expect(flips).toBeGreaterThan(20_000);
  expect(await snapshot(outside)).toEqual({ "file-3.txt": "precious\n" });
}, 60_000);

const FLIP = `
const { symlinkSync, renameSync } = require("node:fs");
let flips = 0;
let stop = false;
process.on("message", () => { stop = true; });
(function round() {
  for (let n = 0; n < 200; n++, flips++) {
    symlinkSync(flips % 2 ? process.argv[1] : "inside", "next");
    renameSync("next", "flip");
  }
  if (stop && flips > 20000) process.send(flips, () => process.disconnect());
  else setImmediate(round);
})();
`;

function startFlipping(folder: string, outside: string): ChildProcess {
  return spawn(process.execPath, ["-e", FLIP, outside], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
}

function stopFlipping(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("message", (flips) => resolve(Number(flips)));
    child.once("error", reject);
    child.send("stop");
  });
}

async function snapshot(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || path.includes("/.git/")) continue;
    found[path.slice(folder.length + 1)] = await readFile(path, "utf8");
  }
  return found;
}

/** Everything that could make git run something, with its content. The index may be refreshed by git status. */
async function gitFiles(root: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !/\/\.git(?:\/|$|modules)/.test(path) || path.endsWith("/index")) continue;
    found[path.slice(root.length + 1)] = await readFile(path, "latin1");
  }
  expect(existsSync(join(root, ".git/HEAD"))).toBe(true);
  return found;
}
