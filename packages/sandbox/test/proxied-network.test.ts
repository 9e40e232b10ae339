import { readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { NetworkHooks, ProxyDecision, ProxyRules, Sandbox, SandboxDeps } from "../src/index.ts";
import { createSandbox } from "../src/index.ts";
import { reservedAddress } from "../src/network-proxy/addresses.ts";
import { begin, collect, type Fixture, makeFixture, runScript } from "./fixture.ts";

/** Stands for the internet; every other address is out of bounds. */
const PUBLIC = "127.0.0.1";

let fixture: Fixture;
let upstream: http.Server;
let port = 0;
let served: string[] = [];
let decisions: ProxyDecision[] = [];
const open: Sandbox[] = [];

beforeEach(async () => {
  fixture = makeFixture();
  served = [];
  decisions = [];
  upstream = http.createServer((request, response) => {
    served.push(request.url ?? "");
    if (request.url === "/inside") response.writeHead(302, { location: "http://inside.test/" });
    response.end(`hello from ${request.url}\n`);
  });
  await new Promise<void>((resolve) => upstream.listen(0, PUBLIC, resolve));
  port = (upstream.address() as net.AddressInfo).port;
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((sandbox) => sandbox.close()));
  await fixture.remove();
  upstream.closeAllConnections();
  await new Promise((resolve) => upstream.close(resolve));
});

function proxied(
  rules: Partial<ProxyRules> = {},
  hooks: NetworkHooks = {},
  deps: Partial<SandboxDeps> = {},
): Sandbox {
  const network: NetworkHooks = {
    resolve: async (host) => [host.startsWith("inside") ? "127.0.0.2" : PUBLIC],
    reserved: (address) => (address === PUBLIC ? undefined : "not the test's internet"),
    onDecision: (decision) => decisions.push(decision),
    ...hooks,
  };
  const policy = fixture.policy({ network: { proxy: { allow: [`*.test:${port}`], ...rules } } });
  const sandbox = createSandbox(policy, { ...fixture.deps, ...deps, network });
  open.push(sandbox);
  return sandbox;
}

const run = async (sandbox: Sandbox, script: string): Promise<string> => {
  const { stdout, stderr } = await runScript(sandbox, fixture.workspace, `exec 2>&1\n${script}`);
  return stdout + stderr;
};

test("ordinary programs reach an allowed host, in three ways, and no other", async () => {
  const sandbox = proxied();
  const script = `
    curl -sS http://web.test:${port}/plain
    curl -sS --proxytunnel http://web.test:${port}/tunnel
    curl -sS --socks5-hostname 127.0.0.1:3128 http://web.test:${port}/socks
    curl -sS -o /dev/null -w '%{http_code}\\n' http://web.other:${port}/
    curl -sS http://web.other:${port}/`;
  expect(await run(sandbox, script)).toBe(
    [
      "hello from /plain",
      "hello from /tunnel",
      "hello from /socks",
      "403",
      `web.other:${port} was not contacted: no rule allows port ${port}. Ask the user to allow the host, or do without it.`,
      "",
    ].join("\n"),
  );
  expect(served).toEqual(["/plain", "/tunnel", "/socks"]);
  expect(decisions.map(({ method, verdict }) => `${method} ${verdict}`)).toEqual([
    "http allow",
    "connect allow",
    "socks5 allow",
    "http deny",
    "http deny",
  ]);
});

test("there is no other way out", async () => {
  const other = net.createServer((socket) => socket.end("ESCAPED"));
  await new Promise<void>((resolve) => other.listen(0, "0.0.0.0", resolve));
  const otherPort = (other.address() as net.AddressInfo).port;
  const script = `
    for host in 127.0.0.1 127.0.0.2 0.0.0.0 10.0.0.1; do
      timeout 2 bash -c "exec 3<>/dev/tcp/$host/${otherPort} && cat <&3"
      timeout 2 bash -c "exec 3<>/dev/tcp/$host/${port} && echo ESCAPED"
    done
    timeout 3 perl -e 'print "ESCAPED" if gethostbyname("example.com")'
    timeout 3 curl -sS --noproxy '*' http://web.test:${port}/
    timeout 2 perl -e 'use Socket; socket(my $s,1,1,0) and print "ESCAPED"'
    grep -c : /proc/net/dev`;
  const output = await run(proxied(), script);
  expect(output).not.toContain("ESCAPED");
  expect(output.trim().split("\n").at(-1)).toBe("1");
  expect(served).toEqual([]);
  await new Promise((resolve) => other.close(resolve));
});

test("the inside of the host stays closed, by name, address and redirect", async () => {
  const sandbox = proxied(
    { allow: ["*:*", "127.0.0.1:*", "[::1]:*", "169.254.169.254"] },
    { reserved: reservedAddress },
  );
  const hosts = [
    "127.0.0.1",
    "127.1",
    "0x7f000001",
    "2130706433",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "localhost",
    "web.test",
    "169.254.169.254",
  ];
  const script = hosts
    .map(
      (host) =>
        `curl -g -s --noproxy '' -o /dev/null -w '%{http_code} ' 'http://${host}:${port}/'; curl -g -s --noproxy '' -p -o /dev/null -w '%{http_connect}\\n' 'http://${host}:${port}/'`,
    )
    .join("\n");
  expect((await run(sandbox, script)).trim().split("\n")).toEqual(hosts.map(() => "403 403"));
  expect(served).toEqual([]);
  expect(await run(proxied(), `curl -sSL http://web.test:${port}/inside`)).toMatch(
    /^inside\.test:80 was not contacted/,
  );
});

test("the command starts as it would without the proxy, and nothing of the hand-over is left", async () => {
  const sandbox = proxied();
  const script = `
    ls -l /proc/$$/fd /proc/1/fd | grep -v ' [012] -> ' | grep -E 'socket|scratch'
    tr '\\0' '\\n' </proc/$$/environ | grep NODE_CHANNEL
    grep -h perl /proc/[0-9]*/comm
    echo "$MINE|$ODD|$HTTP_PROXY|$PWD"; exit 7`;
  const env = { MINE: "a=b\nc", ODD: "", PERL5OPT: "-Mno_such_module" };
  const result = await runScript(sandbox, fixture.workspace, `unset PERL5OPT\n${script}`, { env });
  expect(result.stderr).toBe("");
  expect(result.stdout).toBe(`a=b\nc||http://127.0.0.1:3128|${fixture.workspace}\n`);
  expect(result.exit).toMatchObject({ kind: "exited", code: 7 });
});

test("a command's own servers and clients on loopback work", async () => {
  const script = `perl -MIO::Socket::INET -e '
    my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") or die;
    if (!fork) { my $c = $s->accept; print $c "own server\\n"; exit }
    exec "curl", "-s", "--http0.9", "http://127.0.0.1:" . $s->sockport'`;
  expect(await run(proxied(), script)).toBe("own server\n");
  expect(decisions).toEqual([]);
});

test("a prewarmed sandbox has the door as well", async () => {
  const sandbox = proxied();
  await run(sandbox, "true");
  sandbox.prewarm(fixture.workspace);
  const command = await begin(sandbox, {
    argv: ["curl", "-sS", `http://web.test:${port}/warm`],
    cwd: fixture.workspace,
  });
  expect(command.prewarmed).toBe(true);
  expect((await collect(command)).stdout).toBe("hello from /warm\n");
});

test("many commands at once have a door each, which closes with them", async () => {
  const sandbox = proxied();
  const scripts = Array.from({ length: 6 }, (_, turn) =>
    run(sandbox, `curl -sS http://web.test:${port}/${turn}`),
  );
  expect(await Promise.all(scripts)).toEqual(scripts.map((_, turn) => `hello from /${turn}\n`));
  const left = readFileSync("/proc/self/net/unix", "utf8");
  expect(left).not.toContain(fixture.base);
});

test("a command that ends, or is killed, takes its connections along", async () => {
  let ended = 0;
  upstream.on("connection", (socket) => socket.on("close", () => ended++));
  const sandbox = proxied();
  const command = await begin(sandbox, {
    argv: [
      "bash",
      "-c",
      `exec 3<>/dev/tcp/127.0.0.1/3128; printf 'CONNECT web.test:${port} HTTP/1.1\\r\\nHost: web.test:${port}\\r\\n\\r\\n' >&3; sleep 60`,
    ],
    cwd: fixture.workspace,
  });
  await expect.poll(() => decisions.length).toBe(1);
  await command.kill();
  await expect.poll(() => ended).toBe(1);
});

test("the user is asked about a host from inside", async () => {
  const asked: string[] = [];
  const sandbox = proxied(
    { allow: [] },
    {
      ask: async ({ host }) => {
        asked.push(host);
        return { verdict: host === "yes.test" ? "allow" : "deny", rule: "asked" };
      },
    },
  );
  const get = (host: string) => `curl -s -o /dev/null -w '%{http_code} ' http://${host}/`;
  const hosts = ["yes.test", "no.test", "yes.test", "no.test"];
  // Port 80 of the address that stands for the internet is not ours, so what is allowed fails in another way.
  expect(await run(sandbox, hosts.map(get).join("\n"))).toMatch(
    /^(?:502|404|200|403) 403 (?:502|404|200|403) 403 $/,
  );
  // Remembering is the asker's part.
  expect(asked).toEqual(hosts);
  expect(decisions.map(({ host, verdict }) => `${host} ${verdict}`)).toEqual([
    "yes.test allow",
    "no.test deny",
    "yes.test allow",
    "no.test deny",
  ]);
});

test("rules that cannot be kept stop every command", async () => {
  for (const [mode, allow] of [
    ["danger-full-access", []],
    ["external-sandbox", []],
    ["workspace-write", ["not a host"]],
  ] as const) {
    const sandbox = createSandbox(fixture.policy({ mode, network: { proxy: { allow } } }), fixture.deps);
    const outcome = await sandbox.start({ argv: ["true"], cwd: fixture.workspace });
    expect(outcome).toMatchObject({ kind: "unavailable", reason: { code: "network-rules-invalid" } });
    await sandbox.close();
  }
});

test("a credential is used without being seen", async () => {
  const secret = "tok-abcdef0123456789";
  writeFileSync(
    join(fixture.workspace, "look.sh"),
    "grep -rs tok-abcdef /proc/[0-9]*/environ /proc/[0-9]*/cmdline; env; curl -s http://api.test/",
  );
  const sandbox = proxied({
    allow: ["api.test"],
    credentials: [{ host: "api.test", headers: { authorization: secret } }],
  });
  const output = await run(sandbox, "bash look.sh");
  expect(output).not.toContain("tok-abcdef");
  expect(decisions).toMatchObject([{ host: "api.test", port: 443, method: "credential" }]);
  expect(JSON.stringify(decisions)).not.toContain("tok-abcdef");
});
