import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { type McpLoginStore, startSignIn, tokenSource } from "../src/index.ts";
import { guardedFetch } from "../src/oauth/guarded-fetch.ts";
import { isPrivateAddress } from "../src/oauth/private-address.ts";
import { type AuthorizationWorld, authorizationWorld } from "./authorization-server.ts";
import { mcpWorld } from "./world.ts";

function memoryStore(): McpLoginStore {
  const kept = new Map<string, string>();
  return {
    read: (server) => kept.get(server) ?? null,
    write: (server, text) => void kept.set(server, text),
    remove: (server) => kept.delete(server),
  };
}

const serverAt = (url: string) => ({ id: "guarded", url, scopes: null, clientId: null, resource: null });

function begin(world: AuthorizationWorld, store: McpLoginStore, signal = AbortSignal.timeout(10_000)) {
  const deps = { store, now: Date.now, newState: randomUUID, callbackPort: 0, signal };
  return startSignIn(serverAt(world.url), deps);
}

/** What a browser does: goes there, and where it is sent from there. */
async function signIn(world: AuthorizationWorld, store: McpLoginStore): Promise<void> {
  const { authorizationUrl, done } = await begin(world, store);
  await (await fetch(authorizationUrl)).text();
  await done;
}

function guarded(world: AuthorizationWorld, store: McpLoginStore, now = Date.now) {
  const { signal } = new AbortController();
  const tokens = tokenSource(serverAt(world.url), { store, now, signal, onToken: () => undefined });
  return mcpWorld({
    id: "guarded",
    transport: { kind: "http", url: world.url, headers: {}, tokens },
    enabled: true,
    required: true,
  });
}

test("who signs in with a browser is let in, and a token that ends or is refused is renewed without one", async () => {
  await using world = await authorizationWorld();
  const store = memoryStore();
  await signIn(world, store);
  {
    await using mcp = guarded(world, store);
    await mcp.settle();
    expect(await mcp.call("guarded", "hello")).toMatchObject({ kind: "result" });
    expect(world.refreshed).toEqual([]);
    world.revoke();
    expect(await mcp.call("guarded", "hello")).toMatchObject({ kind: "result" });
    expect(world.refreshed).toHaveLength(1);
  }
  const later = () => Date.now() + 3600_000;
  await using mcp = guarded(world, store, later);
  await mcp.settle();
  expect(mcp.servers.status()).toMatchObject([{ state: { kind: "ready" } }]);
  expect(world.refreshed.length).toBeGreaterThan(1);
  const withToken = world.seen.filter((line) => line.includes("TOKEN"));
  expect(withToken.every((line) => line.startsWith("MCP "))).toBe(true);
});

test("without a sign-in, and when renewal is refused, the server waits for a person and says so", async () => {
  await using world = await authorizationWorld();
  const store = memoryStore();
  const state = async () => {
    await using mcp = guarded(world, store);
    await mcp.settle();
    return mcp.servers.status()[0]?.state;
  };
  const wants = {
    kind: "failed",
    needsSignIn: true,
    message: expect.stringContaining("quire mcp login guarded"),
  };
  expect(await state()).toMatchObject(wants);
  await signIn(world, store);
  const kept = JSON.parse(store.read("guarded") ?? "");
  kept.tokens = { ...kept.tokens, access_token: "old", refresh_token: "used" };
  store.write("guarded", JSON.stringify(kept));
  expect(await state()).toMatchObject({ kind: "failed", needsSignIn: true });
  // A login for one address is none for another.
  store.write("guarded", JSON.stringify({ ...kept, serverUrl: "https://elsewhere.example/mcp" }));
  expect(await state()).toMatchObject(wants);
});

test("only the browser that was sent comes back: a foreign state, path or name is refused, and the wait goes on", async () => {
  await using world = await authorizationWorld();
  const store = memoryStore();
  const { authorizationUrl, done } = await begin(world, store);
  const redirect = new URL(authorizationUrl).searchParams.get("redirect_uri") ?? "";
  expect(redirect).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
  expect(new URL(authorizationUrl).searchParams.get("code_challenge_method")).toBe("S256");
  expect((await fetch(`${redirect}?code=stolen&state=guess`)).status).toBe(400);
  expect((await fetch(redirect.replace("/callback", "/other"))).status).toBe(404);
  const state = new URL(authorizationUrl).searchParams.get("state");
  const rebound = redirect.replace("127.0.0.1", "localhost");
  expect((await fetch(`${rebound}?code=stolen&state=${state}`)).status).toBe(404);
  expect(store.read("guarded")).toBeNull();
  await (await fetch(authorizationUrl)).text();
  await done;
  expect(store.read("guarded")).toContain("access-");
});

// Attack class 17.
test.each([
  ["a place to sign in that is no web page", { issuer: { authorization_endpoint: "file:///etc/passwd" } }],
  ["an option instead of an address", { issuer: { authorization_endpoint: "-flag" } }],
  ["a command instead of an address", { issuer: { authorization_endpoint: "javascript:$(id)" } }],
  ["an open road for the browser", { issuer: { authorization_endpoint: "http://example.com/authorize" } }],
  ["another issuer's name", { issuer: { issuer: "https://accounts.example.com" } }],
  ["another server's resource", { resource: { resource: "https://elsewhere.example/mcp" } }],
  ["a file as authorization server", { resource: { authorization_servers: ["file:///etc/passwd"] } }],
])("a server that names %s is not signed in to", async (_, lies) => {
  await using world = await authorizationWorld();
  Object.assign(world.lies, lies);
  await expect(begin(world, memoryStore())).rejects.toThrow();
  expect(world.seen.filter((line) => line.includes("/token"))).toEqual([]);
});

test("metadata of a server on the internet leads to no private address, by number or by name, and redirects nowhere", async () => {
  const { signal } = new AbortController();
  const fetchFor = await guardedFetch("https://203.0.113.7/mcp", signal);
  await using world = await authorizationWorld();
  for (const url of [
    world.issuer,
    "https://10.0.0.1/",
    "https://169.254.169.254/latest",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://0x7f000001/",
    "https://localhost/",
  ]) {
    await expect(fetchFor(url)).rejects.toThrow(/not asked/);
  }
  expect(world.seen).toEqual([]);
  world.lies.redirect = world.issuer;
  const near = await guardedFetch(world.url, signal);
  await expect(near(`${new URL(world.url).origin}/.well-known/oauth-protected-resource/mcp`)).rejects.toThrow(
    /redirects are not followed/,
  );
});

test("private addresses are known in every spelling", () => {
  const addresses = [
    "127.0.0.1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "::1",
    "fe80::1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "0.0.0.0",
  ];
  expect(addresses.filter((address) => !isPrivateAddress(address))).toEqual([]);
  expect(["8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"].filter(isPrivateAddress)).toEqual([]);
});
