import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runQuire, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";

const PTRACE = process.arch === "arm64" ? 117 : 101;
const ATTACH = 16;
/** Attaches to a child of its own, as a debugger does. */
const TRACE = `my $pid = fork; if (!$pid) { sleep 60; exit } my $r = syscall(${PTRACE}, ${ATTACH}, $pid, 0, 0); kill 9, $pid; print $r < 0 ? "refused" : "traced"`;

test.each([
  [[], "refused"],
  [["--allow-ptrace"], "traced"],
])("quire sandbox %j: tracing is %s", async (flags, stdout) => {
  await using world = await execWorld();
  const run = await runQuire(["sandbox", ...flags, "--", "perl", "-e", TRACE], {
    cwd: world.repository.path,
    home: world.home.path,
  });
  expect(run).toMatchObject({ exitCode: 0, stdout, stderr: "" });
});

test("quire sandbox goes by the network of a permission profile unless a mode is given", async () => {
  const profile = `default_permissions = "web"\n[permissions.web.network]\nenabled = true\n[permissions.web.network.domains]\n"a.invalid" = "allow"\n`;
  await using world = await execWorld({ config: profile });
  const asked = async (flags: string[]) =>
    await world.quire([
      "sandbox",
      ...flags,
      "--",
      "sh",
      "-c",
      `echo "\${HTTP_PROXY:-no way out}"; curl -s http://b.invalid/`,
    ]);
  expect((await asked([])).stdout).toMatch(/^http:\/\/127\.0\.0\.1[\s\S]*b\.invalid:80 was not contacted/);
  expect((await asked(["--mode", "workspace-write"])).stdout).toBe("no way out\n");
});

test("where nothing limits the number of processes, every start says so in one line with the remedy", async () => {
  await using world = await execWorld({ steps: [says("Done.")] });
  // What is known of the machine lies there; it is made to say that nothing helps.
  const temporary = join(world.home.path, "temporary");
  await mkdir(temporary);
  const env = { TEST_KEY: "key-for-tests", TMPDIR: temporary };
  const at = { cwd: world.repository.path, home: world.home.path, env };
  expect(await runQuire(["sandbox", "--", "true"], at)).toMatchObject({ exitCode: 0, stderr: "" });
  const file = join(temporary, `quire-${process.getuid?.()}`, "probe.json");
  const known = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, JSON.stringify({ ...known, processLimit: "none" }));
  const line = /^.*nothing limits how many processes.*ordinary user.*$/gm;
  const inSandbox = await runQuire(["sandbox", "--", "echo", "ran"], at);
  expect(inSandbox).toMatchObject({ exitCode: 0, stdout: "ran\n" });
  expect(inSandbox.stderr.match(line)).toHaveLength(1);
  const exec = await runQuire(["exec", "go"], at);
  expect(exec.exitCode).toBe(0);
  expect(exec.stderr.match(line)).toHaveLength(1);
  const doctor = await runQuire(["doctor"], at);
  expect(doctor.stdout).toMatch(/nothing limits how many processes/);
  expect(doctor.stdout).toMatch(/run as an ordinary user/);
});
