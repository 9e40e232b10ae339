import type { EngineFacts } from "../engine.ts";
import { RpcError } from "../rpc-error.ts";
import type { Handlers } from "./handlers.ts";

/** The first request of every connection. */
export function initializeMethods(about: EngineFacts): Handlers<"initialize"> {
  return {
    initialize(params, { connection }) {
      if (connection.client !== null) {
        throw new RpcError("invalidRequest", "already_initialized", "Already initialized");
      }
      connection.initialize(params);
      const { name, version, home, platform } = about;
      return {
        userAgent: `${name}/${version} (${platform}) ${params.clientInfo.name}/${params.clientInfo.version}`,
        codexHome: home,
        platformFamily: platform === "win32" ? "windows" : "unix",
        platformOs: platform === "darwin" ? "macos" : platform === "win32" ? "windows" : platform,
      };
    },
  };
}
