import type { IncomingMessage } from "node:http";
import { ApiError } from "./api-error.ts";
import { type BodyLimits, readBody } from "./json-body.ts";

/** Reads a multipart form: text fields as text, files as `File`. A name that comes twice is 400, like anything broken. */
export async function readForm(
  request: IncomingMessage,
  limits: BodyLimits,
): Promise<Record<string, unknown>> {
  const body = await readBody(request, limits);
  const form = await parsed(body, request.headers["content-type"] ?? "");
  const fields: Record<string, unknown> = Object.create(null);
  for (const [name, value] of form) {
    if (name in fields) throw badForm(`the field '${name.slice(0, 100)}' comes twice`);
    fields[name] = value;
  }
  return { ...fields };
}

/** Node's own parser, which it has for `fetch`. */
async function parsed(body: Buffer, contentType: string): Promise<FormData> {
  try {
    return await new Response(Uint8Array.from(body), { headers: { "content-type": contentType } }).formData();
  } catch (cause) {
    throw badForm(cause instanceof Error ? cause.message.slice(0, 200) : "it cannot be parsed", cause);
  }
}

function badForm(why: string, cause?: unknown): ApiError {
  return new ApiError(400, `The body is not a valid form: ${why}.`, { code: "invalid_form", cause });
}
