import fs from "node:fs";
import path from "node:path";
import type { McpLoginStore } from "@quire/mcp";
import { CodedError } from "@quire/protocol";
import * as z from "zod/mini";
import { type OpenKeyring, systemKeyring } from "../session/model/system-keyring.ts";

/** A list and not a record: names of servers may mean something to an object. */
const FileSchema = z.object({
  version: z.literal(1),
  logins: z.array(z.object({ server: z.string(), login: z.string() })),
});

/**
 * Where tokens of MCP servers are kept: the keyring of the session, or `mcp-credentials.json` of the home, readable by its
 * owner only. `auto` is the keyring where there is one and else the file.
 */
export function openLoginStore(
  home: string,
  kind: "auto" | "file" | "keyring",
  openKeyring: OpenKeyring = systemKeyring,
): McpLoginStore {
  const file = fileStore(home);
  if (kind === "file") return file;
  const entry = (server: string) => openKeyring(`mcp ${server} ${home}`);
  const unusable = (cause: unknown) =>
    new CodedError("config_invalid", "the keyring of your session cannot be used for tokens of MCP servers", {
      cause,
      nextStep: 'Start a secret service, or set mcp_oauth_credentials_store = "auto" or "file".',
    });
  /** What the keyring says, or, where it may be missing, what the file says. */
  function first<T>(use: () => T, otherwise: () => T): T {
    try {
      return use();
    } catch (thrown) {
      if (kind === "keyring") throw unusable(thrown);
      return otherwise();
    }
  }
  return {
    read: (server) =>
      first(
        () => entry(server).read() ?? (kind === "auto" ? file.read(server) : null),
        () => file.read(server),
      ),
    write: (server, text) =>
      first(
        () => {
          entry(server).write(text);
          file.remove(server);
        },
        () => file.write(server, text),
      ),
    remove(server) {
      const fromFile = file.remove(server);
      return (
        first(
          () => entry(server).remove(),
          () => false,
        ) || fromFile
      );
    },
  };
}

function fileStore(home: string): McpLoginStore {
  const file = path.join(home, "mcp-credentials.json");
  const read = () => {
    try {
      const parsed = FileSchema.safeParse(JSON.parse(fs.readFileSync(file, "utf8")));
      return parsed.success ? parsed.data.logins : [];
    } catch {
      // None yet, or not ours any more; signing in again writes it anew.
      return [];
    }
  };
  const write = (logins: z.infer<typeof FileSchema>["logins"]) => {
    fs.mkdirSync(home, { recursive: true, mode: 0o700 });
    const staged = `${file}.new`;
    fs.rmSync(staged, { force: true });
    fs.writeFileSync(staged, `${JSON.stringify({ version: 1, logins }, null, 2)}\n`, {
      mode: 0o600,
      flag: "wx",
    });
    fs.renameSync(staged, file);
  };
  return {
    read: (server) => read().find((kept) => kept.server === server)?.login ?? null,
    write: (server, login) => write([...read().filter((kept) => kept.server !== server), { server, login }]),
    remove(server) {
      const kept = read();
      const rest = kept.filter((entry) => entry.server !== server);
      if (rest.length === kept.length) return false;
      write(rest);
      return true;
    },
  };
}
