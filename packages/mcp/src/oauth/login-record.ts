import * as z from "zod/mini";

/** Where what signing in gave is kept, one text for each server. The text is a secret. */
export interface McpLoginStore {
  read(server: string): string | null;
  write(server: string, text: string): void;
  /** False when there was none. */
  remove(server: string): boolean;
}

const LoginSchema = z.object({
  version: z.literal(1),
  /** The address that was signed in to; for another one it does not count. */
  serverUrl: z.string(),
  client: z.looseObject({ client_id: z.string() }),
  tokens: z.nullable(
    z.looseObject({
      access_token: z.string(),
      token_type: z.string(),
      refresh_token: z.optional(z.string()),
    }),
  ),
  /** Unix milliseconds; null when the server did not say. */
  expiresAtMs: z.nullable(z.number()),
});

export type McpLogin = z.infer<typeof LoginSchema>;

/** What is kept for a server; null for none, for one that was signed in to elsewhere, and for what cannot be read. */
export function readLogin(store: McpLoginStore, server: string, serverUrl: string): McpLogin | null {
  const text = store.read(server);
  if (text === null) return null;
  try {
    const parsed = LoginSchema.safeParse(JSON.parse(text));
    return parsed.success && parsed.data.serverUrl === serverUrl ? parsed.data : null;
  } catch {
    return null;
  }
}

export function writeLogin(store: McpLoginStore, server: string, login: McpLogin): void {
  store.write(server, JSON.stringify(login));
}
