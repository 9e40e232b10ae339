import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

export interface WebSocketRules {
  /** What clients must send as `Authorization: Bearer …`. */
  token: string;
  /** Values of Host that are ours, in lower case: `127.0.0.1:4500`. Anything else is a rebound name. */
  hosts: readonly string[];
  /** Web pages that may connect; a page of any other origin is refused. Clients that are no browsers send none. */
  origins: readonly string[];
}

export type Admission = { ok: true } | { ok: false; status: 401 | 403; reason: string };

/**
 * Whether an upgrade may go on. All three are checked: the token against other users of the machine, Host against DNS
 * rebinding, Origin against web pages that the user happens to look at.
 */
export function admit(headers: IncomingHttpHeaders, rules: WebSocketRules): Admission {
  const host = headers.host?.toLowerCase();
  if (host === undefined || !rules.hosts.includes(host)) {
    return { ok: false, status: 403, reason: "The Host header does not name this server." };
  }
  const { origin } = headers;
  if (origin !== undefined && !rules.origins.includes(origin.toLowerCase())) {
    return { ok: false, status: 403, reason: "This origin may not connect." };
  }
  if (!sameToken(headers.authorization, rules.token)) {
    return { ok: false, status: 401, reason: "The token is missing or wrong." };
  }
  return { ok: true };
}

/** Compared by hash, so that neither the length nor the first wrong character shows in the time it takes. */
function sameToken(header: string | undefined, token: string): boolean {
  const given = /^Bearer ([\x21-\x7e]+)$/.exec(header ?? "")?.[1];
  if (given === undefined || token === "") return false;
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
