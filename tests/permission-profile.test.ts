import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, patches, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";

const DEV = `
default_permissions = "dev"
[permissions.dev]
extends = ":workspace"
[permissions.dev.filesystem.":workspace_roots"]
"src" = "read"
"private" = "deny"
"**/*.pem" = "deny"
".git" = "write"
`;
const FILES = { "a.txt": "one\n", "src/b.txt": "one\n", "private/key.txt": "one\n", "sub/c.pem": "CANARY\n" };

/** As the map of the repository sees it: an image where it should not be. */
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const update = (path: string) => `*** Begin Patch\n*** Update File: ${path}\n@@\n-one\n+two\n*** End Patch`;
const add = (path: string) => `*** Begin Patch\n*** Add File: ${path}\n+new\n*** End Patch`;

test("commands, patches and images go by the files of the permission profile, and the start says what is not given", async () => {
  const look =
    "cat private/key.txt; cat sub/c.pem; cat src/b.txt; for f in src/b.txt a.txt .git/x private/new; do (echo more >> $f) 2>/dev/null && echo wrote $f; done";
  await using world = await execWorld({
    files: FILES,
    config: DEV,
    steps: [
      callsTool("exec_command", { cmd: look }),
      callsTool("view_image", { path: "private/image.png" }),
      patches(update("a.txt")),
      patches(update("src/b.txt")),
      patches(update("private/key.txt")),
      patches(add("private/made.txt")),
      patches(add("new.pem")),
      says("Done."),
    ],
  });
  const at = (path: string) => join(world.repository.path, path);
  await writeFile(at("private/image.png"), Buffer.from(PIXEL, "base64"));
  const run = await world.exec(["go"]);
  expect(run.exitCode).toBe(0);
  expect(run.stderr).toContain("workspace-write");
  expect(run.stderr).toMatch(/\.git stays read-only whatever the permission profile "dev" says/);
  const told = world.server.requests[0]?.inputTexts.join("\n");
  expect(told).toMatch(/permission profile "dev" says of files.*\ncan write: [^,\n]*\n/);
  expect(told).toMatch(/\ncannot read: .*\/\*\*\/\*\.pem, .*\/private\n/);
  const outputs = (world.server.requests.at(-1)?.toolOutputs ?? []).map((output) => JSON.stringify(output));
  const [command = "", image = "", patched = "", ...refused] = outputs;
  expect(command).toMatch(/one\\+nwrote a\.txt/);
  expect(command).not.toMatch(/wrote (?:src|\.git|private)|CANARY/);
  expect(image).toMatch(/may not be read/);
  expect(patched).toMatch(/a\.txt/);
  expect(refused).toHaveLength(4);
  for (const output of refused) expect(output).toMatch(/permission profile|kept from you/);
  expect(await readFile(at("a.txt"), "utf8")).toBe("two\nmore\n");
  expect(await readFile(at("src/b.txt"), "utf8")).toBe("one\n");
  expect(await readFile(at("private/key.txt"), "utf8")).toBe("one\n");
  expect(
    ["private/made.txt", "private/new", "new.pem", ".git/x"].filter((path) => existsSync(at(path))),
  ).toEqual([]);
});

test("quire sandbox goes by a profile that is named, and doctor tells what one comes to", async () => {
  const few = `\n[permissions.few.filesystem]\n":minimal" = "read"\n":workspace_roots" = "read"\n`;
  await using world = await execWorld({
    files: FILES,
    config: `sandbox_mode = "workspace-write"${DEV}${few}`,
  });
  const tried = async (...flags: string[]) => {
    const script = "cat private/key.txt; echo more >> src/b.txt; ls -d /usr /media";
    const run = await world.quire(["sandbox", ...flags, "--", "sh", "-c", `(${script}) 2>/dev/null`]);
    return run.stdout.trim().split("\n");
  };
  // A mode is set in the file: only denials are left.
  expect(await tried()).toEqual(["/media", "/usr"]);
  expect(await readFile(join(world.repository.path, "src/b.txt"), "utf8")).toBe("one\nmore\n");
  const dev = await world.quire(["sandbox", "-P", "dev", "--", "true"]);
  expect(dev.stderr).toMatch(/warning: .*\.git stays read-only/);
  expect(await tried("-P", "dev")).toEqual(["/media", "/usr"]);
  expect(await tried("--permission-profile", "few")).toEqual(["one", "/usr"]);
  expect(await readFile(join(world.repository.path, "src/b.txt"), "utf8")).toBe("one\nmore\n");
  const doctor = await world.quire(["doctor", "--all"]);
  expect(doctor.stdout).toMatch(/profile dev .*only what it denies counts/);
  expect(doctor.stdout).toMatch(/cannot read: .*private/);
  const unknown = await world.quire(["sandbox", "-P", "nobody", "--", "true"]);
  expect(unknown.exitCode).not.toBe(0);
  expect(unknown.stderr).toMatch(/default_permissions must be one of .*dev, few, and is "nobody"/);
});
