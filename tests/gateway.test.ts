import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { chmod, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import net from "node:net";
import { join } from "node:path";
import { callsTool, delivered, lastingFolder, QUIRE_BIN, runQuire, says } from "@quire/test-support";
import OpenAI from "openai";
import { expect, test } from "vitest";
import { type ExecWorld, execWorld } from "./support/exec-world.ts";

interface GatewayProcess extends AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  readonly baseUrl: string;
  readonly token: string;
  readonly openai: OpenAI;
  stderr(): string;
  readonly exited: Promise<number | null>;
}

/** The real `quire gateway` in a world, once it listens. */
async function startGateway(
  world: ExecWorld,
  args: readonly string[] = [],
  env: object = {},
): Promise<GatewayProcess> {
  const child = spawn(QUIRE_BIN, ["gateway", "--json", ...args], {
    cwd: world.repository.path,
    env: {
      PATH: process.env.PATH,
      HOME: world.home.path,
      QUIRE_HOME: world.quireHome,
      LANG: "C.UTF-8",
      TEST_KEY: "key-for-tests",
      ...env,
    },
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding("utf8").once("data", resolve);
    child.once("exit", () => reject(new Error(`it ended before it listened: ${stderr}`)));
  });
  const said: { base_url: string; token_file: string } = JSON.parse(line);
  const token = (await readFile(said.token_file, "utf8")).trim();
  return {
    child,
    baseUrl: said.base_url,
    token,
    openai: new OpenAI({ apiKey: token, baseURL: said.base_url, maxRetries: 0 }),
    stderr: () => stderr,
    exited,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

const stuck = delivered(says({ deltas: 40, chars: 4 }), { stall: { afterDeltas: 3, ms: 60_000 } });

test("the official client against the real command, and a clean stop at SIGTERM", async () => {
  await using world = await execWorld({ script: { afterwards: says("Hello.") } });
  await using gateway = await startGateway(world);
  const { openai } = gateway;
  expect(gateway.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
  expect((await openai.models.list()).data.map(({ id }) => id)).toEqual(["gpt-5.3-codex", "offline-repair"]);
  const response = await openai.responses.create({ model: "gpt-5.3-codex", input: "Hi" });
  expect(response.output_text).toBe("Hello.");
  const streamed = openai.responses.stream({ model: "gpt-5.3-codex", input: "Hi" });
  expect((await streamed.finalResponse()).output_text).toBe("Hello.");
  const chat = await openai.chat.completions.create({
    model: "gpt-5.3-codex",
    messages: [{ role: "user", content: "Hi" }],
  });
  expect(chat.choices[0]?.message.content).toBe("Hello.");
  const offline = await openai.responses.create({ model: "offline-repair", input: "Add a dark mode" });
  expect(offline.output_text).toContain("not a language model");
  expect(world.server.requests[0]?.headers.authorization).toBe("Bearer key-for-tests");
  expect((await stat(join(world.quireHome, "gateway-token"))).mode & 0o777).toBe(0o600);
  gateway.child.kill("SIGTERM");
  expect(await gateway.exited).toBe(0);
  expect(gateway.stderr()).toBe("");
});

test("killed in the middle: what was finished is there again, what was not is said to have failed", async () => {
  await using world = await execWorld({
    steps: [says("Done."), stuck],
    script: { afterwards: says("Go on.") },
  });
  let finished = "";
  let running = "";
  {
    await using gateway = await startGateway(world);
    finished = (await gateway.openai.responses.create({ model: "gpt-5.3-codex", input: "Hi" })).id;
    const stream = await gateway.openai.responses.create({
      model: "gpt-5.3-codex",
      input: "Hi",
      background: true,
      stream: true,
    });
    for await (const event of stream) {
      if (event.type === "response.created") running = event.response.id;
      if (event.type === "response.output_text.delta") break;
    }
    gateway.child.kill("SIGKILL");
    await gateway.exited;
  }
  await using gateway = await startGateway(world);
  expect(gateway.stderr()).toContain("1 unfinished responses of an earlier process were marked as failed");
  expect((await gateway.openai.responses.retrieve(finished)).output_text).toBe("Done.");
  expect(await gateway.openai.responses.retrieve(running)).toMatchObject({
    status: "failed",
    error: { code: "server_error", message: expect.stringContaining("ended before this response did") },
  });
  const types: string[] = [];
  for await (const event of await gateway.openai.responses.retrieve(running, { stream: true }))
    types.push(event.type);
  expect(types[0]).toBe("response.created");
  expect(types.at(-1)).toBe("response.failed");
  const next = await gateway.openai.responses.create({
    model: "gpt-5.3-codex",
    input: "and?",
    previous_response_id: finished,
  });
  expect(next.output_text).toBe("Go on.");
});

test("a second gateway on the same home leaves the first one's responses alone", async () => {
  await using world = await execWorld({ steps: [stuck] });
  await using one = await startGateway(world);
  const { id } = await one.openai.responses.create({ model: "gpt-5.3-codex", input: "Hi", background: true });
  await world.server.arrived(1);
  await using two = await startGateway(world);
  expect(two.token).toBe(one.token);
  expect(two.stderr()).toBe("");
  expect((await two.openai.responses.retrieve(id)).status).toMatch(/queued|in_progress/);
  await expect(two.openai.responses.cancel(id)).rejects.toMatchObject({ status: 409 });
  expect((await one.openai.responses.cancel(id)).status).toBe("cancelled");
  expect((await two.openai.responses.retrieve(id)).status).toBe("cancelled");
});

test("a hosted shell of the real command works in the sandbox, in a folder of its own", async () => {
  const cache = lastingFolder("gateway-e2e");
  await using world = await execWorld({
    steps: [
      callsTool("shell", { commands: ["echo hi > f && cat f", "cat ~/.quire/config.toml"] }),
      says("Done."),
    ],
  });
  await using gateway = await startGateway(world, [], { XDG_CACHE_HOME: cache });
  const response = await gateway.openai.responses.create({
    model: "gpt-5.3-codex",
    input: "go",
    tools: [{ type: "shell", environment: { type: "container_auto" } }],
  });
  const outputs = response.output.flatMap((item) => (item.type === "shell_call_output" ? item.output : []));
  expect(outputs).toMatchObject([
    { stdout: "hi\n", outcome: { type: "exit", exit_code: 0 } },
    { stdout: "", outcome: { type: "exit", exit_code: 1 } },
  ]);
  await rm(cache, { recursive: true });
});

test("without any configuration the offline engine is served; a provider without its key is that request's error", async () => {
  await using world = await execWorld();
  await writeFile(
    join(world.quireHome, "config.toml"),
    '[model_providers.keyed]\nbase_url = "http://127.0.0.1:1/v1"\nenv_key = "NO_SUCH_KEY"\n',
  );
  await using gateway = await startGateway(world);
  expect((await gateway.openai.models.list()).data.map(({ id }) => id)).toEqual(["offline-repair"]);
  const unnamed = await fetch(`${gateway.baseUrl}/responses`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.token}`, "content-type": "application/json" },
    body: JSON.stringify({ input: "Add a dark mode" }),
  });
  expect(unnamed.status).toBe(200);
  await expect(gateway.openai.responses.create({ model: "gpt-9", input: "Hi" })).rejects.toMatchObject({
    status: 404,
  });
  await expect(gateway.openai.responses.create({ model: "keyed/any", input: "Hi" })).rejects.toMatchObject({
    status: 502,
    code: "model_unauthorized",
  });
});

test("wrong input ends with exit code 2 and a sentence that says what to do", async () => {
  await using world = await execWorld();
  const home = world.home.path;
  const busy = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => busy.once("listening", resolve));
  const address = busy.address();
  const port = typeof address === "object" ? String(address?.port) : "";
  const open = join(home, "open-token");
  await writeFile(open, "a-token-that-is-long-enough\n");
  await chmod(open, 0o644);
  const short = join(home, "short-token");
  await writeFile(short, "short\n", { mode: 0o600 });
  await mkdir(join(home, "x"));
  const cases: [string[], number, RegExp][] = [
    [["--port", port], 2, /cannot listen on 127\.0\.0\.1:\d+: the port is in use[\s\S]*--port/],
    [["--port", "99999"], 2, /--port takes a number from 0 to 65535/],
    [["--token-file", open], 2, /can be read by others[\s\S]*chmod 600/],
    [["--token-file", short], 2, /is not 16 or more plain characters/],
    [["--token-file", join(home, "none")], 2, /the token file cannot be read/],
    [["--token-env", "NOT_SET"], 2, /the environment variable NOT_SET is not set/],
    [["--token-env", "A", "--token-file", open], 2, /not both/],
    [["--provider", "nobody"], 1, /there is no model provider "nobody"[\s\S]*Known: /],
    [["--host", "0.0.0.0"], 2, /other machines could connect, and there is no token/],
    [["--host", "192.0.2.1", "--token-env", "LONG"], 2, /this machine has no such address/],
    [["--alias", "x"], 2, /--alias takes OLD=MODEL/],
    [["--files-root", join(home, "none")], 2, /there is no directory .*none[\s\S]*--files-root/],
    [["--nonsense"], 2, /--nonsense[\s\S]*quire gateway --help/],
    [["extra"], 2, /unexpected argument "extra"/],
  ];
  for (const [args, exitCode, message] of cases) {
    const env = { TEST_KEY: "k", LONG: "a-token-that-is-long-enough" };
    const run = await runQuire(["gateway", ...args], { home, env });
    expect([args, run.exitCode, run.stdout]).toEqual([args, exitCode, ""]);
    expect(run.stderr).toMatch(message);
  }
  busy.close();
});

test("every call is in the ledger, under the gateway's name", async () => {
  await using world = await execWorld({ script: { afterwards: says("Hello.") } });
  {
    await using gateway = await startGateway(world);
    await gateway.openai.responses.create({ model: "gpt-5.3-codex", input: "hi" });
    await gateway.openai.chat.completions.create({
      model: "gpt-5.3-codex",
      messages: [{ role: "user", content: "hi" }],
    });
  }
  const usage = await runQuire(["usage", "--by", "purpose", "--json"], {
    cwd: world.repository.path,
    home: world.home.path,
  });
  const report: { rows: { key?: unknown; requests?: unknown }[] } = JSON.parse(usage.stdout);
  expect(report.rows).toMatchObject([{ requests: 2 }]);
  expect(JSON.stringify(report.rows)).toContain("gateway");
});
