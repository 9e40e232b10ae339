import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export interface AuthorizationWorld extends AsyncDisposable {
  /** Of the MCP server. */
  readonly url: string;
  readonly issuer: string;
  /** Every request, as `METHOD path authorization`. */
  readonly seen: string[];
  /** Refresh tokens that were used. */
  readonly refreshed: string[];
  /** From now on no access token that was given counts. */
  revoke(): void;
  /** Changes of what the metadata documents say. */
  readonly lies: { resource?: object; issuer?: object; redirect?: string };
}

/** An MCP server and its authorization server, on two ports of this machine, as the specification wants them. */
export async function authorizationWorld(expiresIn = 3600): Promise<AuthorizationWorld> {
  const seen: string[] = [];
  const refreshed: string[] = [];
  const lies: AuthorizationWorld["lies"] = {};
  const codes = new Map<string, { challenge: string; redirect: string; resource: string }>();
  const clients = new Map<string, string[]>();
  let valid = new Set<string>();
  let refresh = "";

  const tokens = () => {
    const access = `access-${randomUUID()}`;
    refresh = `refresh-${randomUUID()}`;
    valid.add(access);
    return { access_token: access, token_type: "Bearer", expires_in: expiresIn, refresh_token: refresh };
  };

  const authorization = await listen(async (request, response, origin) => {
    const url = new URL(request.url ?? "/", origin);
    seen.push(`AS ${request.method} ${url.pathname}`);
    if (url.pathname === "/.well-known/oauth-authorization-server") {
      return json(response, 200, {
        issuer: origin,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        registration_endpoint: `${origin}/register`,
        response_types_supported: ["code"],
        code_challenge_methods_supported: ["S256"],
        token_endpoint_auth_methods_supported: ["none"],
        ...lies.issuer,
      });
    }
    const body = await text(request);
    if (url.pathname === "/register") {
      const client_id = randomUUID();
      const asked = JSON.parse(body);
      clients.set(client_id, asked.redirect_uris);
      return json(response, 201, { ...asked, client_id });
    }
    if (url.pathname === "/authorize") {
      const get = (name: string) => url.searchParams.get(name) ?? "";
      if (!clients.get(get("client_id"))?.includes(get("redirect_uri"))) return json(response, 400, {});
      const code = randomUUID();
      codes.set(code, {
        challenge: get("code_challenge"),
        redirect: get("redirect_uri"),
        resource: get("resource"),
      });
      const back = new URL(get("redirect_uri"));
      back.searchParams.set("code", code);
      back.searchParams.set("state", get("state"));
      return void response.writeHead(302, { location: back.href }).end();
    }
    if (url.pathname === "/token") {
      const form = new URLSearchParams(body);
      if (form.get("grant_type") === "refresh_token") {
        refreshed.push(form.get("refresh_token") ?? "");
        const isGood = form.get("refresh_token") === refresh;
        return isGood ? json(response, 200, tokens()) : json(response, 400, { error: "invalid_grant" });
      }
      const known = codes.get(form.get("code") ?? "");
      const challenge = createHash("sha256")
        .update(form.get("code_verifier") ?? "")
        .digest("base64url");
      const isGood =
        known?.challenge === challenge &&
        known.redirect === form.get("redirect_uri") &&
        form.get("resource") === known.resource;
      return isGood ? json(response, 200, tokens()) : json(response, 400, { error: "invalid_grant" });
    }
    json(response, 404, {});
  });

  const resource = await listen(async (request, response, origin) => {
    seen.push(
      `MCP ${request.method} ${request.url} ${request.headers.authorization ?? "-"}`.replace(
        /access-\S+/,
        "TOKEN",
      ),
    );
    const body = await text(request);
    if (request.url === "/.well-known/oauth-protected-resource/mcp") {
      if (lies.redirect) return void response.writeHead(302, { location: lies.redirect }).end();
      const authorization_servers = [authorization.origin];
      return json(response, 200, { resource: `${origin}/mcp`, authorization_servers, ...lies.resource });
    }
    if (!valid.has(request.headers.authorization?.slice("Bearer ".length) ?? "")) {
      const where = `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`;
      return void response.writeHead(401, { "www-authenticate": where }).end();
    }
    if (request.method !== "POST") return void response.writeHead(405).end();
    const { id, method, params } = JSON.parse(body);
    if (id === undefined) return void response.writeHead(202).end();
    const results: Record<string, object> = {
      initialize: {
        protocolVersion: params?.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: "guarded", version: "1" },
      },
      "tools/list": { tools: [{ name: "hello", inputSchema: { type: "object" } }] },
      "tools/call": { content: [{ type: "text", text: "hello" }] },
    };
    json(response, 200, { jsonrpc: "2.0", id, result: results[method] ?? {} });
  });

  return {
    url: `${resource.origin}/mcp`,
    issuer: authorization.origin,
    seen,
    refreshed,
    lies,
    revoke() {
      valid = new Set();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([authorization.close(), resource.close()]);
    },
  };
}

type Answer = (request: IncomingMessage, response: ServerResponse, origin: string) => Promise<void>;

async function listen(answer: Answer) {
  let origin = "";
  const server = createServer((request, response) => void answer(request, response, origin));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  origin = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  return {
    origin,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

async function text(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}
