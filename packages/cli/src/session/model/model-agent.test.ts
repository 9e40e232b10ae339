import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { createModelClient, type EndpointOptions, type ModelEvent } from "@quire/models";
import { temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { openModelAgent } from "./model-agent.ts";

const run = promisify(execFile);
const ANSWER =
  'data: {"id":"1","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

async function listen<S extends Server>(server: S): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function ask(baseUrl: string, agent: http.Agent | null): Promise<readonly ModelEvent[]> {
  const options: EndpointOptions = {
    provider: "p",
    baseUrl,
    auth: { kind: "none" },
    retries: { request: 0, stream: 0 },
    ...(agent === null ? {} : { agent }),
  };
  const client = await createModelClient("chat", options, {
    monotonicMs: () => performance.now(),
    nowMs: () => Date.now(),
    random: Math.random,
    setTimer: (callback, ms) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    sleep: async () => {},
  });
  const events: ModelEvent[] = [];
  const request = {
    model: "m",
    instructions: "x",
    input: [],
    tools: [],
    parallelToolCalls: true,
    promptCacheKey: "k",
  };
  for await (const event of client.stream(request, { signal: new AbortController().signal }))
    events.push(event);
  client.close();
  agent?.destroy();
  return events;
}

/** What a client asked of a SOCKS 5 server. */
interface SocksRequest {
  user: string | null;
  target: string;
}

/** A SOCKS 5 server on loopback that knows one user, and leads every name to this machine. */
function socksServer(account: { user: string; password: string } | null): {
  server: Server;
  asked: SocksRequest[];
} {
  const asked: SocksRequest[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    void serve(socket).catch(() => socket.destroy());
  });
  async function serve(socket: Socket): Promise<void> {
    const read = reader(socket);
    const [, methods = 0] = await read(2);
    const offered = [...(await read(methods))];
    const method = account === null ? 0 : 2;
    if (!offered.includes(method)) {
      socket.end(Buffer.from([5, 255]));
      return;
    }
    socket.write(Buffer.from([5, method]));
    let user: string | null = null;
    if (account !== null) {
      const [, userLength = 0] = await read(2);
      user = (await read(userLength)).toString();
      const [passwordLength = 0] = await read(1);
      const password = (await read(passwordLength)).toString();
      const right = user === account.user && password === account.password;
      socket.write(Buffer.from([1, right ? 0 : 1]));
      if (!right) return void socket.end();
    }
    const [, , , kind = 0] = await read(4);
    const name = kind === 3 ? (await read((await read(1))[0] ?? 0)).toString() : null;
    const host = name ?? ([...(await read(kind === 4 ? 16 : 4))].at(-1) === 1 ? "this machine" : "another");
    const port = (await read(2)).readUInt16BE();
    asked.push({ user, target: `${host}:${port}` });
    const out = connect(port, "127.0.0.1", () => {
      socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
      out.pipe(socket).pipe(out);
    });
    out.on("error", () => socket.destroy());
  }
  return { server, asked };
}

/** Exactly so many bytes each time. What is left flows on. */
function reader(socket: Socket): (bytes: number) => Promise<Buffer> {
  return async (bytes) => {
    for (;;) {
      const chunk: Buffer | null = bytes === 0 ? Buffer.alloc(0) : socket.read(bytes);
      if (chunk !== null) return chunk;
      if (socket.readableEnded) throw new Error("ended early");
      await new Promise<void>((resolve) => {
        socket.once("readable", resolve);
        socket.once("end", resolve);
      });
    }
  };
}

test("SOCKS proxies: names are looked up where the scheme says, accounts are shown, and TLS is the endpoint's", async () => {
  await using folder = await temporaryDirectory("quire-socks-");
  const [key, pem] = [join(folder.path, "key.pem"), join(folder.path, "cert.pem")];
  await run("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
    ...["-subj", "/CN=llm.test", "-addext", "subjectAltName=DNS:llm.test,DNS:localhost"],
    ...["-keyout", key, "-out", pem],
  ]);
  const answer: http.RequestListener = (request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" }).end(ANSWER);
  };
  const secure = https.createServer({ key: await readFile(key), cert: await readFile(pem) }, answer);
  const plain = http.createServer(answer);
  const open = socksServer(null);
  const guarded = socksServer({ user: "me", password: "p@ss:w" });
  const [securePort, plainPort] = [await listen(secure), await listen(plain)];
  const [openPort, guardedPort] = [await listen(open.server), await listen(guarded.server)];
  const through = (proxy: string, to: "plain" | "secure", host: string, file: string | null = pem) => {
    const url = to === "plain" ? `http://${host}:${plainPort}/v1` : `https://${host}:${securePort}/v1`;
    const wish = { file: to === "plain" ? null : file, proxy: new URL(proxy), secure: to === "secure" };
    return openModelAgent(wish).then((agent) => ask(url, agent));
  };
  const account = `me:${encodeURIComponent("p@ss:w")}`;
  const ends = [
    await through(`socks5h://127.0.0.1:${openPort}`, "plain", "llm.test"),
    await through(`socks5h://${account}@127.0.0.1:${guardedPort}`, "secure", "llm.test"),
    await through(`socks5://127.0.0.1:${openPort}`, "plain", "localhost"),
  ];
  const distrusted = await through(`socks5h://127.0.0.1:${openPort}`, "secure", "llm.test", null);
  const refused = [
    await through(`socks5h://me:wrong@127.0.0.1:${guardedPort}`, "plain", "llm.test"),
    await through(`socks5h://127.0.0.1:${guardedPort}`, "plain", "llm.test"),
  ];
  for (const server of [secure, plain]) server.closeAllConnections();
  for (const server of [secure, plain, open.server, guarded.server]) server.close();
  expect(ends.map((events) => events.at(-1)?.type)).toEqual(["completed", "completed", "completed"]);
  expect([...open.asked, ...guarded.asked]).toEqual([
    { user: null, target: `llm.test:${plainPort}` },
    { user: null, target: `this machine:${plainPort}` },
    { user: null, target: `llm.test:${securePort}` },
    { user: "me", target: `llm.test:${securePort}` },
  ]);
  for (const events of [distrusted, ...refused]) {
    expect(events.at(-1)).toMatchObject({ type: "failed", error: { code: "model_unreachable" } });
    expect(JSON.stringify(events)).not.toMatch(/wrong|p@ss/);
  }
});

test("an endpoint with an authority of our own is trusted only with its file, through a proxy too", async () => {
  await using folder = await temporaryDirectory("quire-ca-");
  const [key, pem] = [join(folder.path, "key.pem"), join(folder.path, "cert.pem")];
  await run("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
    ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", pem],
  ]);
  const server = https.createServer(
    { key: await readFile(key), cert: await readFile(pem) },
    (request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "text/event-stream" }).end(ANSWER);
    },
  );
  const asked: (string | undefined)[] = [];
  const proxy = http.createServer();
  proxy.on("connect", (request, socket) => {
    asked.push(request.url);
    const [, port] = (request.url ?? "").split(":");
    const out = connect(Number(port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      out.pipe(socket).pipe(out);
    });
    out.on("error", () => socket.destroy());
    socket.on("error", () => out.destroy());
  });
  const [port, proxyPort] = [await listen(server), await listen(proxy)];
  const url = `https://localhost:${port}/v1`;
  const distrusted = await ask(url, null);
  const trusted = await ask(url, await openModelAgent({ file: pem, proxy: null, secure: true }));
  const through = new URL(`http://127.0.0.1:${proxyPort}`);
  const proxied = await ask(url, await openModelAgent({ file: pem, proxy: through, secure: true }));
  server.closeAllConnections();
  server.close();
  proxy.closeAllConnections();
  proxy.close();
  expect(distrusted.at(-1)).toMatchObject({
    type: "failed",
    error: { code: "model_unreachable", next_step: expect.stringContaining("ca_certificate") },
  });
  expect(trusted.at(-1)?.type).toBe("completed");
  expect(proxied.at(-1)?.type).toBe("completed");
  expect(asked).toEqual([`localhost:${port}`]);
});

test("a file that is no certificate is refused with its name", async () => {
  await using folder = await temporaryDirectory("quire-ca-");
  const file = join(folder.path, "x.pem");
  await expect(openModelAgent({ file, proxy: null, secure: true })).rejects.toThrow(/x\.pem cannot be used/);
  await writeFile(file, "hello");
  await expect(openModelAgent({ file, proxy: null, secure: true })).rejects.toThrow(/no PEM certificate/);
});
