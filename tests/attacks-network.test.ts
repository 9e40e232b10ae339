import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import https from "node:https";
import { join } from "node:path";
import { callsTool, callsTools, says, temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { filesHolding, trap } from "./support/attack.ts";
import { completedItems, execWorld } from "./support/exec-world.ts";

/** Reaches the proxy for addresses of this machine too, which programs leave out by themselves. */
const curl = (rest: string) => `curl -sS --max-time 10 --noproxy '' ${rest}`;

async function auditOf(world: { quireHome: string }): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(world.quireHome, "log", "network.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const outputs = (world: Awaited<ReturnType<typeof execWorld>>) =>
  world.server.requests.flatMap((request) => request.toolOutputs);

// Classes 11 and 20.
test("a named host is reached; an unknown one is refused, and the model is told the line that would allow it", async () => {
  await using server = await trap();
  await using world = await execWorld({
    config: `[network.domains]\n"127.0.0.1:${server.port}" = "allow"\n"evil.example.com" = "deny"\n`,
    steps: [
      callsTool("exec_command", { cmd: `for i in 1 2 3; do ${curl(`${server.url}/x`)}; done` }),
      callsTool("exec_command", { cmd: curl("https://api.example.org/") }),
      callsTool("exec_command", { cmd: curl("https://evil.example.com/") }),
      says("Done."),
    ],
  });
  const { run, events } = await world.execJson(["go"]);
  expect(run.exitCode).toBe(0);
  expect(server.visits).toEqual(["GET /x", "GET /x", "GET /x"]);
  expect(completedItems(events).filter((item) => item.type === "network_access")).toEqual([
    {
      id: expect.any(String),
      type: "network_access",
      host: "127.0.0.1",
      ports: [server.port],
      verdict: "allow",
      rule: `allow 127.0.0.1:${server.port}`,
      count: 3,
    },
    expect.objectContaining({
      host: "api.example.org",
      ports: [443],
      verdict: "deny",
      rule: "no rule allows it, and nobody can be asked",
      count: 1,
    }),
    expect.objectContaining({ host: "evil.example.com", verdict: "deny", rule: "deny evil.example.com" }),
  ]);
  expect(outputs(world).join("\n")).toContain(
    'The user can allow it with this line under [network.domains] in config.toml: "api.example.org" = "allow"',
  );
  expect(world.server.requests[0]?.inputTexts.join("\n")).toContain(
    `Allowed: 127.0.0.1:${server.port}; other hosts are refused.`,
  );
  const audit = await auditOf(world);
  expect(audit.map(({ host, verdict }) => `${host} ${verdict}`)).toEqual([
    "127.0.0.1 allow",
    "127.0.0.1 allow",
    "127.0.0.1 allow",
    "api.example.org deny",
    "evil.example.com deny",
  ]);
  expect(audit[0]).toMatchObject({ thread: expect.any(String), item: expect.any(String), method: "http" });
});
