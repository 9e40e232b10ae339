import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createReadGuard, createWriteGuard, type FileRules } from "../src/index.ts";
import { type Fixture, makeFixture, runScript } from "./fixture.ts";

let fixture: Fixture;
let cwd: string;
beforeEach(() => {
  fixture = makeFixture();
  cwd = fixture.workspace;
  for (const path of [
    "private/key",
    "private/open/note",
    "src/a.ts",
    "src/gen/b.ts",
    "src/gen/.git/config",
    "a.env",
  ]) {
    fixture.put(path, "content\n");
  }
  fixture.put("node_modules/pkg/deep/c.env", "content\n");
  mkdirSync(join(fixture.base, "out"));
  writeFileSync(join(fixture.base, "out/f"), "content\n");
});
afterEach(() => fixture.remove());

type Entries = Record<string, "read" | "write" | "deny">;

function rules(entries: Entries, changes: Partial<FileRules> = {}): FileRules {
  return {
    source: 'permission profile "dev"',
    entries: Object.entries(entries).map(([path, access]) => ({ path: join(fixture.base, path), access })),
    patterns: [],
    otherwise: "read",
    system: false,
    ...changes,
  };
}

/** Reads and writes what `paths` name below the base, prewarmed or not; a letter for each that worked. */
async function tried(files: FileRules, paths: string[], prewarm = false): Promise<string[]> {
  const sandbox = fixture.sandbox({ files });
  if (prewarm) sandbox.prewarm(cwd);
  const script = `for p in "$@"; do f=${fixture.base}/$p; r=; cat "$f" >/dev/null 2>&1 && r=r; (echo x >> "$f") 2>/dev/null && r=\${r}w; echo "$p \${r:--}"; done`;
  const { exit, stdout } = await runScript(sandbox, cwd, "", {
    argv: ["bash", "-c", script, "bash", ...paths],
  });
  expect(exit).toMatchObject({ kind: "exited", code: 0 });
  await sandbox.close();
  return stdout.trim().split("\n");
}

const DEV: Entries = {
  workspace: "write",
  "workspace/private": "deny",
  "workspace/private/open": "read",
  "workspace/src": "read",
  "workspace/src/gen": "write",
  out: "write",
  "out/closed": "read",
};

test.each([false, true])(
  "places inside one another: the deepest decides (prewarmed: %s)",
  async (prewarm) => {
    const paths = [
      "workspace/new",
      "workspace/private/key",
      "workspace/private/open/note",
      "workspace/src/a.ts",
      "workspace/src/gen/b.ts",
      "out/f",
      "out/closed/x",
    ];
    expect(await tried(rules(DEV), paths, prewarm)).toEqual([
      "workspace/new w",
      "workspace/private/key -",
      "workspace/private/open/note r",
      "workspace/src/a.ts r",
      "workspace/src/gen/b.ts rw",
      "out/f rw",
      "out/closed/x -",
    ]);
  },
);

test("protected metadata stays so, inside what is opened again and when it is named itself", async () => {
  fixture.put(".git/config", "content\n");
  const files = rules({ ...DEV, "workspace/.git": "write", "workspace/.git/hooks": "write" });
  expect(
    await tried(files, ["workspace/.git/config", "workspace/.git/hooks/x", "workspace/src/gen/.git/config"]),
  ).toEqual(["workspace/.git/config r", "workspace/.git/hooks/x -", "workspace/src/gen/.git/config r"]);
  const renamed = await runScript(
    fixture.sandbox({ files }),
    cwd,
    "mv src/gen src/other; mv private p; mv src s; ls",
  );
  expect(renamed.stdout.split("\n")).toEqual(expect.arrayContaining(["private", "src"]));
});

test("patterns hide everywhere, also in packages, and within their depth", async () => {
  const patterns = [{ folder: cwd, pattern: "**/*.env" }];
  const paths = ["workspace/a.env", "workspace/node_modules/pkg/deep/c.env"];
  expect(await tried(rules(DEV, { patterns }), paths)).toEqual([
    "workspace/a.env -",
    "workspace/node_modules/pkg/deep/c.env -",
  ]);
  const [near, far] = await tried(rules(DEV, { patterns, patternDepth: 2 }), paths);
  expect([near, far]).toEqual(["workspace/a.env -", "workspace/node_modules/pkg/deep/c.env rw"]);
});

test("where only some places can be read there is nothing else, and nothing can be left there", async () => {
  const files = rules({ workspace: "read", "workspace/src": "write" }, { otherwise: "deny", system: true });
  expect(await tried(files, ["workspace/a.env", "workspace/src/a.ts", "out/f", "made"])).toEqual([
    "workspace/a.env r",
    "workspace/src/a.ts rw",
    "out/f -",
    "made -",
  ]);
  const run = await runScript(
    fixture.sandbox({ files }),
    cwd,
    `ls ${fixture.base} /var; touch /x /var/x ${fixture.base}/x; cat /etc/passwd >/dev/null && node -e 'console.log("node")'; echo t > /tmp/t && cat /tmp/t; ls /home /root`,
  );
  const name = fixture.base.split("/").at(-1);
  expect(run.stdout.split("\n").filter((line) => line !== "" && !line.endsWith(":"))).toEqual(
    expect.arrayContaining(["workspace", "node", "t"]),
  );
  expect(run.stdout).not.toMatch(/^(?:home|out|log|lib|runtime)$/m);
  expect(run.stdout).toContain(name);
  expect(run.stderr.match(/Read-only file system|Permission denied/g)?.length).toBeGreaterThanOrEqual(3);
});

test("guards of the program answer as commands are answered", () => {
  const patterns = [{ folder: cwd, pattern: "**/*.env" }];
  const policy = fixture.policy({ files: rules(DEV, { patterns }) });
  const mayRead = createReadGuard(policy, fixture.deps);
  const mayWrite = createWriteGuard(policy);
  const at = (path: string) => join(fixture.base, path);
  const asked = [
    "workspace/x",
    "workspace/private/key",
    "workspace/private/open/note",
    "workspace/src/a.ts",
    "workspace/src/gen/y",
    "workspace/q/a.env",
    "out/f",
  ];
  expect(asked.map((path) => [path, mayRead(at(path)), mayWrite(at(path))])).toEqual([
    ["workspace/x", true, true],
    ["workspace/private/key", false, false],
    ["workspace/private/open/note", true, false],
    ["workspace/src/a.ts", true, false],
    ["workspace/src/gen/y", true, true],
    ["workspace/q/a.env", false, false],
    ["out/f", true, true],
  ]);
});

test("a place that may not be written by anybody's word refuses everything, with the profile's name", async () => {
  const sandbox = fixture.sandbox({ files: rules({ home: "write" }) });
  expect(await sandbox.start({ argv: ["true"], cwd })).toMatchObject({
    kind: "unavailable",
    reason: { code: "root-refused", remedy: expect.stringContaining('permission profile "dev"') },
  });
});
