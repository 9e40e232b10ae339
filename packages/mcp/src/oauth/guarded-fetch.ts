import { lookup as lookupName } from "node:dns";
import { lookup } from "node:dns/promises";
import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";
import type { FetchLike } from "@modelcontextprotocol/client";
import { addressProblem } from "../http-transport.ts";
import { isPrivateAddress, literalAddress } from "./private-address.ts";

/** Metadata, registrations and tokens are small. */
const MAX_BYTES = 1024 * 1024;
const TIMEOUT_MS = 15_000;

/**
 * Fetches what signing in needs, wherever a server's metadata says that is: https only (http on this machine), no
 * redirects, bounded in time and size. Addresses of this machine and the networks around it are refused, at the moment of
 * the connection, unless the server itself is at such an address: its metadata must not make us knock at doors that it
 * cannot reach.
 */
export async function guardedFetch(serverUrl: string, signal: AbortSignal): Promise<FetchLike> {
  const mayBePrivate = await isAtPrivateAddress(new URL(serverUrl).hostname);
  return async (input, init = {}) => {
    const url = new URL(input);
    const problem = addressProblem(url.href);
    if (problem !== null) throw new Error(`${url.host} is not asked: ${problem}`);
    const literal = literalAddress(url.hostname);
    const isPrivate = literal !== null && isPrivateAddress(literal);
    if (!mayBePrivate && isPrivate) throw new Error(refusal(url.hostname));
    const headers = new Headers(init.headers);
    return send(url, {
      method: init.method ?? "GET",
      headers: Object.fromEntries(headers),
      lookup: mayBePrivate ? lookupName : lookupPublic,
      signal: AbortSignal.any([
        signal,
        AbortSignal.timeout(TIMEOUT_MS),
        ...(init.signal ? [init.signal] : []),
      ]),
      body: init.body == null ? null : String(init.body),
    });
  };
}

type Sent = Pick<RequestOptions, "method" | "signal"> & {
  readonly headers: Record<string, string>;
  readonly lookup: LookupFunction;
  readonly body: string | null;
};

function send(url: URL, { body, ...options }: Sent): Promise<Response> {
  const start = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = start(url, { ...options, agent: false }, (answer) => {
      read(answer).then(resolve, (error: unknown) => {
        request.destroy();
        reject(error);
      });
    });
    request.on("error", reject);
    request.end(body ?? undefined);
  });
}

async function read(answer: IncomingMessage): Promise<Response> {
  const { statusCode: status = 500, headers } = answer;
  if (status >= 300 && status < 400)
    throw new Error("it sends elsewhere, and redirects are not followed here");
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > MAX_BYTES) throw new Error(`its answer is longer than ${MAX_BYTES} bytes`);
    chunks.push(part);
  }
  const known = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    typeof value === "string" ? [[name, value]] : [],
  );
  const isEmpty = status === 204 || status === 205;
  return new Response(isEmpty ? null : Buffer.concat(chunks), { status, headers: known });
}

/** Every address that the name has is looked at, and those that were looked at are connected to. */
const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookupName(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, "", 0);
    const [first] = addresses;
    if (first === undefined || addresses.some(({ address }) => isPrivateAddress(address))) {
      return callback(Object.assign(new Error(refusal(hostname)), { code: "EACCES" }), "", 0);
    }
    if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

function refusal(hostname: string): string {
  return `${hostname} is an address of this machine or its network, and the server is not there, so it is not asked`;
}

async function isAtPrivateAddress(hostname: string): Promise<boolean> {
  const literal = literalAddress(hostname);
  if (literal !== null) return isPrivateAddress(literal);
  try {
    const addresses = await lookup(hostname, { all: true });
    return addresses.length > 0 && addresses.every(({ address }) => isPrivateAddress(address));
  } catch {
    // A server whose name is not known is not on this network.
    return false;
  }
}
