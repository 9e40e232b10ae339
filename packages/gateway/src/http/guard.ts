import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { ApiError } from "./api-error.ts";

/** Who may talk to the gateway. */
export interface AccessRules {
  token: string;
  /** Host names, without port, in lower case. What else a `Host` header says is an attack by way of DNS. */
  hosts: readonly string[];
  /** Web origins that may call; usually none, because browsers are not meant to. */
  origins: readonly string[];
}

/** What `127.0.0.1` can be called on its own machine. */
export const LOOPBACK_HOSTS: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Null for a request that may go on, otherwise the error. Each check holds alone: a page in a browser fails at Host or
 * Origin even if it knew the token, a program without the token fails everywhere, and a form cannot send JSON. Uploads
 * alone are forms, as OpenAI's are.
 */
export function accessProblem(
  request: IncomingMessage,
  rules: AccessRules,
  body: "json" | "form" = "json",
): ApiError | null {
  const { headers } = request;
  const host = hostName(headers.host);
  if (host === null || !rules.hosts.includes(host)) {
    return new ApiError(403, "This Host header is not one of this gateway's names.", {
      code: "host_refused",
    });
  }
  const { origin } = headers;
  if (origin !== undefined && !rules.origins.includes(origin)) {
    return new ApiError(403, "Web pages of this origin may not call this gateway.", {
      code: "origin_refused",
    });
  }
  if (origin === undefined && isCrossSite(headers["sec-fetch-site"])) {
    return new ApiError(403, "Web pages may not call this gateway.", { code: "origin_refused" });
  }
  if (!hasToken(headers.authorization, rules.token)) {
    const told = headers.authorization === undefined ? "No token was sent" : "The token is not the right one";
    return new ApiError(401, `${told}: send "Authorization: Bearer …" with the gateway's token.`, {
      type: "authentication_error",
      code: "invalid_api_key",
    });
  }
  if (
    request.method === "POST" &&
    hasBody(request) &&
    !MEDIA_TYPES[body].test(headers["content-type"] ?? "")
  ) {
    const type = body === "json" ? "application/json" : "multipart/form-data";
    return new ApiError(415, `The body must be ${type}.`, { code: "unsupported_media_type" });
  }
  return null;
}

function hostName(header: string | undefined): string | null {
  if (header === undefined) return null;
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/.exec(header.toLowerCase());
  return match?.[1] ?? null;
}

function isCrossSite(value: string | string[] | undefined): boolean {
  return value !== undefined && value !== "none" && value !== "same-origin";
}

function hasToken(header: string | undefined, token: string): boolean {
  const given = /^Bearer ([\x21-\x7e]+)$/i.exec(header ?? "")?.[1];
  if (given === undefined) return false;
  return timingSafeEqual(digest(given), digest(token));
}

/** Equal length for any text, so that the comparison takes as long for each. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function hasBody(request: IncomingMessage): boolean {
  return (
    request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0
  );
}

const MEDIA_TYPES = {
  json: /^application\/json(\s*;|$)/i,
  form: /^multipart\/form-data\s*;/i,
} as const;
