import { runQuire } from "@quire/test-support";
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
    await runQuire(
      ["sandbox", ...flags, "--", "sh", "-c", `echo "\${HTTP_PROXY:-no way out}"; curl -s http://b.invalid/`],
      { cwd: world.repository.path, home: world.home.path, env: { TEST_KEY: "key-for-tests" } },
    );
  expect((await asked([])).stdout).toMatch(/^http:\/\/127\.0\.0\.1[\s\S]*b\.invalid:80 was not contacted/);
  expect((await asked(["--mode", "workspace-write"])).stdout).toBe("no way out\n");
});
