import type { Engine } from "@quire/app-server";
import { CodedError } from "@quire/protocol";
import { type EngineBase, readConfig } from "../engine/thread-config.ts";
import { newId } from "../session/thread-deps.ts";
import { beginSignIn } from "./login.ts";

/** Signing in on behalf of a client, which shows its user the address. */
export async function signInRequest(
  base: EngineBase,
  { name, scopes, timeoutMs }: Parameters<Engine["mcpSignIn"]>[0],
): ReturnType<Engine["mcpSignIn"]> {
  const { home, system } = base;
  const { config } = await readConfig(base, system.cwd, []);
  const server = config.mcpServers[name];
  if (server === undefined) {
    throw new CodedError("config_invalid", `there is no MCP server ${JSON.stringify(name)}`, {
      nextStep: "See: quire mcp list",
    });
  }
  const signal = AbortSignal.timeout(timeoutMs);
  const signIn = await beginSignIn(server, { home, config, scopes, signal, system });
  return { ...signIn, loginId: newId(system) };
}
