import { timingSafeEqual } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";

export interface Callback {
  readonly code: string;
  /** Who says that it issued the code. */
  readonly issuer: string | undefined;
}

export interface CallbackListener {
  readonly redirectUrl: string;
  /** Rejects when the person said no, or `signal` aborts. */
  readonly arrived: Promise<Callback>;
  /** May be called twice. */
  close(): void;
}

const PATH = "/callback";

/**
 * Waits on 127.0.0.1 for the browser to come back. Only a request that carries the state counts, so that no other page
 * can bring a code of its own; and only under that very address, so that no other name leads here.
 */
export async function listenForCallback(options: {
  readonly port: number;
  readonly state: string;
  readonly signal: AbortSignal;
}): Promise<CallbackListener> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const origin = `http://127.0.0.1:${port}`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  const arrived = new Promise<Callback>((resolve, reject) => {
    const giveUp = () => reject(new Error("nobody came back from the browser in time"));
    if (options.signal.aborted) giveUp();
    options.signal.addEventListener("abort", giveUp, { once: true });
    server.on("request", (request, response) => {
      const url = new URL(request.url ?? "/", origin);
      const isHere = request.headers.host === `127.0.0.1:${port}` && url.pathname === PATH;
      if (!isHere || request.method !== "GET") return page(response, 404, "There is nothing here.");
      if (!isSame(url.searchParams.get("state") ?? "", options.state)) {
        return page(response, 400, "This does not belong to the sign-in that Quire waits for.");
      }
      const code = url.searchParams.get("code");
      if (code === null) {
        page(response, 200, "Quire was not given access. You can close this page.");
        // What the page says of the reason is not shown: anybody could have written it.
        return reject(new Error("access was not given"));
      }
      page(response, 200, "Done. You can close this page and go back to Quire.");
      resolve({ code, issuer: url.searchParams.get("iss") ?? undefined });
    });
  });
  // Whoever waits learns of it; until somebody does, it is no fault of the process.
  arrived.catch(() => undefined);
  return { redirectUrl: `${origin}${PATH}`, arrived, close };
}

function page(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    connection: "close",
  });
  response.end(`${text}\n`);
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
