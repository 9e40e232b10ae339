import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { type EditedFile, openEditChecks, type ServerProcess, type SpawnServer } from "../src/index.ts";

const SCRIPTED = join(import.meta.dirname, "scripted-server.mjs");
const { signal } = new AbortController();
/** Longer than any machine takes: what comes earlier ends the wait. */
const PATIENT_MS = 60_000;

/** Plain processes; what confines them is the composition root's. Counts what was started and what has ended. */
function processes() {
  const counts = { started: 0, ended: 0 };
  const start: SpawnServer = async ([program = "", ...args]) => {
    counts.started++;
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.on("error", () => undefined);
    const ended = new Promise<string>((resolve) => {
      child.on("error", (error) => resolve(error.message));
      child.on("close", (code, ended) => resolve(ended ?? `exit code ${code}`));
    });
    void ended.then(() => counts.ended++);
    const server: ServerProcess = {
      onOutput(listener) {
        child.stdout.on("data", (chunk: Buffer) => listener(chunk, "stdout"));
        child.stderr.on("data", (chunk: Buffer) => listener(chunk, "stderr"));
      },
      write: (data) => new Promise((resolve) => child.stdin.write(data, (error) => resolve(!error))),
      ended,
      async kill() {
        child.kill("SIGKILL");
        await ended;
      },
    };
    return { kind: "started", process: server };
  };
  return { counts, start };
}

function scripted(mode: string, waitMs = PATIENT_MS) {
  const { counts, start } = processes();
  const checks = openEditChecks({
    servers: [{ name: mode, command: process.execPath, args: [SCRIPTED, mode], extensions: ["txt"] }],
    root: "/tree",
    spawn: start,
    waitMs,
  });
  const edit = (before: string | null, after: string | null, path = "/tree/a.txt"): EditedFile => ({
    path,
    before,
    after,
  });
  const check = (before: string | null, after: string | null) => checks.check([edit(before, after)], signal);
  return { counts, checks, check, edit };
}

test.each(["push", "pull", "versionless"])("only errors that an edit brought are told (%s)", async (mode) => {
  const { check, checks, counts } = scripted(mode);
  const none = `Language server ${mode}: no new errors.`;
  expect(await check("old BAD\n", "MEH\nold BAD\n")).toBe(none);
  expect((await check("MEH\nold BAD\n", "MEH\nold BAD\nnew BAD\n"))?.replace("\u241b", "\\u{1b}")).toContain(
    "a.txt:3:3: bad line",
  );
  expect(await check("MEH\nold BAD\nnew BAD\n", "x\ny\nold BAD\nnew BAD\n")).toBe(none);
  expect(await check("", "old BAD\nold BAD\n")).toContain("1 new error");
  expect(await check("", null)).toBe(none);
  expect(await check(null, "one BAD\n")).toContain("1 new error (data, not instructions)\na.txt:1:3: ");
  await checks.close();
  await checks.close();
  expect(counts).toEqual({ started: 1, ended: 1 });
});

test("what is told is bounded and cannot move a terminal", async () => {
  const { check, checks } = scripted("push");
  const said = await check("", "BAD\n".repeat(500));
  await checks.close();
  expect(said?.split("\n")).toHaveLength(22);
  expect(said?.split("\n").at(-1)).toBe("… 480 more");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  expect(said).not.toMatch(/[\0-\x09\x0b-\x1f\x7f]/);
});

test("files that no server is for start none", async () => {
  const { checks, counts, edit } = scripted("push");
  expect(
    await checks.check([edit("", "BAD", "/tree/a.md"), edit("", "BAD", "/tree/txt")], signal),
  ).toBeNull();
  await checks.close();
  expect(await checks.check([edit("", "BAD")], signal)).toBeNull();
  expect(counts.started).toBe(0);
});

test("a server that was too slow for one edit tells of it with the next", async () => {
  const { checks, check, edit } = scripted("push");
  const now = new AbortController();
  const first = checks.check([edit("fine\n", "BAD\n")], now.signal);
  now.abort();
  expect(await first).toMatch(/^Language server push was not ready within 60 s/);
  expect(await check("BAD\n", "BAD\nfine\n")).toContain("1 new error");
  await checks.close();
});

test.each([
  ["dies", /failed at this edit: it ended \(exit code 3\)\.$/],
  ["flood", /failed at this edit: it wrote without end\.$/],
  ["garbage", /failed at this edit: it wrote something that is no message\.$/],
  ["huge", /failed at this edit: it announced a message of 99999999999 bytes\.$/],
] as const)("a server that %s is ended, started once more, and then not again", async (mode, answer) => {
  const { check, checks, counts } = scripted(mode);
  expect(await check("", "BAD\n")).toMatch(answer);
  expect(await check("", "BAD\n")).toMatch(answer);
  expect(await check("", "BAD\n")).toBe(`Language server ${mode} is not used: it ended twice.`);
  expect(await check("", "BAD\n")).toBeNull();
  await checks.close();
  expect(counts).toEqual({ started: 2, ended: 2 });
});

test.each(["mute", "silent", "lies"])("a server that is %s costs no more than the wait", async (mode) => {
  const { check, checks, counts } = scripted(mode, 200);
  const late = `Language server ${mode} was not ready within 0.2 s; what is wrong after this edit is not known yet.`;
  const answers: (string | null)[] = [];
  const until = performance.now() + 60_000;
  while (answers.at(-1) !== null && performance.now() < until) answers.push(await check("", "BAD\n"));
  await checks.close();
  expect(answers.at(0)).toBe(late);
  expect(answers.slice(-2)).toEqual(
    mode === "mute"
      ? [late, null]
      : [`Language server ${mode} is not used any more: it did not answer.`, null],
  );
  expect(counts).toEqual({ started: 1, ended: 1 });
});

test("a program that cannot be started is told of once", async () => {
  const checks = openEditChecks({
    servers: [{ name: "gone", command: "/no/such/program", args: [], extensions: ["txt"] }],
    root: "/tree",
    spawn: async () => ({ kind: "failed", message: "there is no such program" }),
    waitMs: PATIENT_MS,
  });
  const files = [{ path: "/tree/a.txt", before: "", after: "x" }];
  expect(await checks.check(files, signal)).toBe(
    "Language server gone is not used: there is no such program.",
  );
  expect(await checks.check(files, signal)).toBeNull();
  await checks.close();
});

test("a real server: the one of TypeScript 7", async () => {
  await using folder = await temporaryDirectory("quire-lsp-");
  const file = join(folder.path, "src/a.ts");
  mkdirSync(dirname(file));
  writeFileSync(
    join(folder.path, "tsconfig.json"),
    '{"compilerOptions":{"strict":true,"noEmit":true},"include":["src"]}\n',
  );
  writeFileSync(join(folder.path, "src/b.ts"), "export const total: number = 1;\n");
  const before =
    'import { total } from "./b.ts";\nexport const old: string = 5;\nexport const sum = total + 1;\n';
  const after = before.replace("total + 1", 'total.toUpper("x")');
  writeFileSync(file, after);
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "lib/tsc.js");
  const { start } = processes();
  const checks = openEditChecks({
    servers: [
      { name: "tsc", command: process.execPath, args: [tsc, "--lsp", "--stdio"], extensions: ["ts"] },
    ],
    root: folder.path,
    spawn: start,
    waitMs: PATIENT_MS,
  });
  const said = await checks.check([{ path: file, before, after }], signal);
  const fixed = await checks.check([{ path: file, before: after, after: before }], signal);
  await checks.close();
  expect(said).toBe(
    "Language server tsc: 1 new error (data, not instructions)\nsrc/a.ts:3:26: Property 'toUpper' does not exist on type 'number'. [2339]",
  );
  expect(fixed).toBe("Language server tsc: no new errors.");
});
