import type { System } from "../system.ts";
import { showHelp, wrongUse } from "../words.ts";

const HELP = `Keep the list of MCP servers.

Usage: quire mcp list [--json]
       quire mcp get NAME [--json]
       quire mcp add NAME [--env KEY=VALUE]… -- COMMAND [ARGUMENTS]
       quire mcp add NAME --url URL [--bearer-token-env-var VARIABLE]
       quire mcp remove NAME
       quire mcp approve NAME
       quire mcp login NAME [--no-browser] [--scopes LIST]
       quire mcp logout NAME

login signs in to a server with a url, in your browser; logout forgets that.
approve agrees to tools that are not what they were when you last used them, and shows how they differ.
add and remove write to config.toml of the Quire home and leave everything else in it as it is. list and get show what
holds here, with the project's configuration where that is trusted; values of variables are only shown with --json.
`;

/** `quire mcp`. */
export async function runMcp(argv: readonly string[], system: System): Promise<number> {
  const [action, ...rest] = argv;
  const own = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
  if (action === "--help" || action === "-h" || own.includes("--help") || own.includes("-h"))
    return showHelp(HELP, system);
  switch (action) {
    case "list":
    case "get": {
      const { listServers, getServer } = await import("../mcp/show-servers.ts");
      return action === "list" ? listServers(rest, system) : getServer(rest, system);
    }
    case "add":
    case "remove": {
      const { addServer, removeServer } = await import("../mcp/edit-servers.ts");
      return action === "add" ? addServer(rest, system) : removeServer(rest, system);
    }
    case "login":
    case "logout": {
      const { loginToServer, logoutOfServer } = await import("../mcp/login.ts");
      return action === "login" ? loginToServer(rest, system) : logoutOfServer(rest, system);
    }
    case "approve": {
      const { approveServer } = await import("../mcp/approve-server.ts");
      return approveServer(rest, system);
    }
    default:
      throw wrongUse(
        "mcp",
        `${action === undefined ? "" : `there is no action ${JSON.stringify(action)}; `}say list, get, add, remove, approve, login or logout`,
      );
  }
}
