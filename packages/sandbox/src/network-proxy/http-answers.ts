import type { IncomingMessage } from "node:http";
import type { GateAnswer } from "./gate.ts";
import { fieldValues, headerFields } from "./header-fields.ts";
import { readHost, splitAuthority } from "./host-name.ts";

/** Why the Host field of a request contradicts its target, or undefined when it does not. */
export function hostProblem(incoming: IncomingMessage, target: string): string | undefined {
  const hosts = fieldValues(headerFields(incoming.rawHeaders), "host");
  const other = readHost(target);
  // The gate refuses what cannot be read as a host, and says why; old clients send no Host.
  if (hosts.length === 0 || other.kind === "refused") return undefined;
  const named = splitAuthority(hosts[0] ?? "");
  const one = named && readHost(named.host);
  const same = hosts.length === 1 && one?.kind === "host" && one.host.text === other.host.text;
  return same ? undefined : "The Host field names another host than the request.";
}

export function refusalStatus(answer: Extract<GateAnswer, { kind: "deny" }>): string {
  // Many programs show nothing of a refused CONNECT but this line.
  return answer.cause === "unresolved" ? "502 Host not found" : "403 Refused by the network rules";
}

/** For a host that may be reached but was not. */
export function unreachable(host: string, error: unknown): string {
  return `${host} is allowed but could not be reached: ${reasonOf(error)}.`;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Several addresses tried in vain have no message of their own.
  return error.message || ("code" in error ? String(error.code) : error.name);
}

/** A whole response that ends the connection. */
export function plainResponse(status: string, text: string): string {
  const body = `${text}\n`;
  return [
    `HTTP/1.1 ${status}`,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    "X-Quire-Proxy: refused",
    "",
    body,
  ].join("\r\n");
}
