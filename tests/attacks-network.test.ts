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

test("with every host allowed, this machine, its network and a cloud's metadata stay out of reach", async () => {
  await using server = await trap();
  const inside = [
    server.url,
    `http://localhost:${server.port}`,
    `http://[::1]:${server.port}`,
    `http://[::ffff:127.0.0.1]:${server.port}`,
    "http://169.254.169.254/latest/meta-data/",
    "http://168.63.129.16/",
    "http://[fd00:ec2::254]/",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://0x7f000001/",
    "http://2130706433/",
    "http://0.0.0.0/",
  ];
  const hosts = `"*" = "allow"\n"*:${server.port}" = "allow"\n`;
  await using world = await execWorld({
    config: `[network.domains]\n${hosts}"169.254.169.254:80" = "allow"\n"[fd00:ec2::254]:80" = "allow"\n"127.0.0.1" = "allow"\n"localhost:*" = "allow"\n`,
    steps: [
      callsTools(
        inside.map(
          (url) =>
            ["exec_command", { cmd: `${curl(`-o /dev/null -w '%{http_code}' ${url}`)}; true` }] as const,
        ),
      ),
      says("Done."),
    ],
  });
  const { run, events } = await world.execJson(["go"]);
  expect(run.exitCode).toBe(0);
  expect(server.visits).toEqual([]);
  const decided = completedItems(events).filter((item) => item.type === "network_access");
  expect(decided.filter(({ verdict }) => verdict === "allow")).toEqual([]);
  expect(
    decided.map(({ rule }) => rule).filter((rule) => !/not public|spelling|not a host/.test(rule)),
  ).toEqual([]);
  expect(decided.length).toBeGreaterThanOrEqual(8);
});

test("where rules are configured they narrow a network that is on; in read-only there is none", async () => {
  await using server = await trap();
  const config = `[sandbox_workspace_write]\nnetwork_access = true\n[features.network_proxy]\nenabled = true\ndomains = { "example.com" = "allow" }\n`;
  for (const mode of ["workspace-write", "read-only"]) {
    await using world = await execWorld({
      config,
      steps: [
        callsTool("exec_command", { cmd: `${curl(server.url)}; curl -sS --max-time 5 ${server.url}` }),
        says("Done."),
      ],
    });
    expect((await world.exec(["--sandbox", mode, "go"])).exitCode).toBe(0);
    expect(server.visits).toEqual([]);
  }
});

const CANARY = "canary-4f1b9c7e2d8a6053-for-the-proxy-alone";

/** An https server that says back what it was sent, with a certificate of its own for `localhost`. */
async function echoServer(folder: string) {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  execFileSync("openssl", ["req", ...kind, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  const seen: (string | undefined)[] = [];
  const server = https.createServer(
    { key: await readFile(key), cert: await readFile(cert) },
    (request, response) => {
      seen.push(request.headers.authorization);
      response.setHeader("x-echo", request.headers.authorization ?? "none");
      response.end(`you sent ${JSON.stringify(request.headers)}`);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    certificate: cert,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test.each([
  ["a variable", `env = "DEPLOY_PASS"`],
  ["a program", `command = ["printenv", "DEPLOY_PASS"]`],
])("a credential from %s does its work and is seen by nobody", async (_name, source) => {
  await using folder = await temporaryDirectory("quire-credential-");
  await using echo = await echoServer(folder.path);
  await using world = await execWorld({
    config: `[shell_environment_policy]\ninherit = "all"\nexclude = ["NOTHING"]\n[network.domains]\n"localhost:${echo.port}" = "allow"\n[network.credentials.localhost]\nheader = "Authorization"\nprefix = "Bearer "\n${source}\nport = ${echo.port}\n`,
    steps: [
      callsTool("exec_command", { cmd: curl("-i -H 'Authorization: mine' http://localhost/repos") }),
      callsTool("exec_command", { cmd: curl(`-k -i https://localhost:${echo.port}/direct`) }),
      callsTool("exec_command", { cmd: "env; cat /proc/1/environ /proc/self/environ | tr '\\0' '\\n'" }),
      says("Done."),
    ],
  });
  const env = { DEPLOY_PASS: CANARY, NODE_EXTRA_CA_CERTS: echo.certificate };
  const { run } = await world.execJson(["go"], { env });
  expect(run.exitCode).toBe(0);
  expect(echo.seen).toEqual([`Bearer ${CANARY}`, undefined]);
  expect(outputs(world)[0]).toMatch(/200 OK[\s\S]*x-echo: \**[\s\S]*you sent/);
  expect(world.server.requests[0]?.inputTexts.join("\n")).toContain(
    "The proxy signs in for you at localhost",
  );
  expect(await filesHolding(world.home.path, [CANARY])).toEqual([]);
  const said = [run.stdout, run.stderr, ...world.server.requests.map(({ body }) => JSON.stringify(body))];
  expect(said.filter((text) => text.includes(CANARY))).toEqual([]);
});

test("a credential that is missing, or rules that cannot be kept, stop the run before anything happens", async () => {
  for (const [config, words] of [
    [
      `[network.domains]\n"a.example" = "allow"\n[network.credentials."a.example"]\nheader = "x-key"\nenv = "NOT_SET"\n`,
      "NOT_SET is not set",
    ],
    [`[network.domains]\n"http://a.example/x" = "allow"\n`, "http://a.example/x"],
    [`[network.credentials."a.example"]\nheader = "x-key"\n`, "exactly one of env"],
    [`[network.domains]\n"a.example" = "maybe"\n`, "network.domains"],
  ] as const) {
    await using world = await execWorld({ config, steps: [says("never")] });
    const run = await world.exec(["--skip-git-repo-check", "go"]);
    expect({ exitCode: run.exitCode, asked: world.server.requests.length }).toEqual({
      exitCode: 1,
      asked: 0,
    });
    expect(run.stderr).toContain(words);
    expect(run.stderr).toContain("config_invalid");
  }
});

test("a trusted project may deny hosts, and neither allow them nor bring credentials or a way around the rules", async () => {
  await using server = await trap();
  await using world = await execWorld({
    files: {
      "a.txt": "one\n",
      ".quire/config.toml": `[network]\nunknown_hosts = "ask"\nenabled = false\n[network.domains]\n"127.0.0.1:${server.port}" = "deny"\n"evil.example" = "allow"\n[network.credentials."evil.example"]\nheader = "x"\nenv = "TEST_KEY"\n[features]\nnetwork_proxy = false\n`,
    },
    config: `[network]\nunknown_hosts = "deny"\n[network.domains]\n"127.0.0.1:${server.port}" = "allow"\n`,
    steps: [
      callsTool("exec_command", { cmd: `${curl(server.url)}; ${curl("http://evil.example/")}; true` }),
      says("Done."),
    ],
  });
  const run = await world.exec(["--trust", "--json", "go"]);
  expect(run.exitCode).toBe(0);
  expect(server.visits).toEqual([]);
  expect((await auditOf(world)).map(({ host, verdict }) => `${host} ${verdict}`)).toEqual([
    "127.0.0.1 deny",
    "evil.example deny",
  ]);
});
