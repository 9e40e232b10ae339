import type { McpServerStatus } from "@quire/protocol/app-server";
import { safeLine } from "../text/safe-text.ts";
import { lineOf, type StyledLine } from "../text/styled-line.ts";
import type { SlashCommand } from "./command.ts";

const SHOWN_TOOLS = 8;

/** The MCP servers of the thread: what each is doing, what it offers, whether it is signed in to. */
export const MCP: SlashCommand = {
  name: "mcp",
  help: "MCP servers: state, tools, resources, prompts",
  whileRunning: true,
  async run(_argument, { client, say, thread }) {
    const { data } = await client.request("mcpServerStatus/list", { threadId: thread.id });
    if (data.length === 0) {
      say([lineOf("No MCP servers. Add one: quire mcp add NAME -- COMMAND", { ink: "muted" })]);
      return;
    }
    say(data.flatMap(serverLines));
  },
};

function serverLines(server: McpServerStatus): StyledLine[] {
  const tools = Object.keys(server.tools);
  const names = tools.slice(0, SHOWN_TOOLS).map(safeLine).join(", ");
  const more = tools.length > SHOWN_TOOLS ? ` and ${tools.length - SHOWN_TOOLS} more` : "";
  const kept = [
    [server.resources.length, "resources"],
    [server.resourceTemplates.length, "resource templates"],
    [server.prompts?.length ?? 0, "prompts"],
  ].flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
  const isBad = server.runtimeStatus === "failed" || server.runtimeStatus === "authenticationRequired";
  return [
    {
      spans: [
        { text: safeLine(server.name), bold: true },
        { text: `  ${STATES[server.runtimeStatus ?? "notStarted"]}`, ink: isBad ? "bad" : "muted" },
        ...(server.authStatus === "notLoggedIn" || server.authStatus === "oAuth"
          ? [
              {
                text: `  ${server.authStatus === "oAuth" ? "signed in" : "not signed in"}`,
                ink: "muted" as const,
              },
            ]
          : []),
      ],
    },
    detail(tools.length === 0 ? (server.toolsError ?? "no tools") : `${tools.length} tools: ${names}${more}`),
    ...(kept.length === 0 ? [] : [detail(kept.join(", "))]),
  ];
}

function detail(text: string): StyledLine {
  return { spans: [{ text: `  ${safeLine(text)}`, ink: "muted" }], hanging: [{ text: "  " }] };
}

const STATES: Readonly<Record<NonNullable<McpServerStatus["runtimeStatus"]>, string>> = {
  notStarted: "starts with the first call",
  starting: "starting",
  connected: "ready",
  authenticationRequired: "needs signing in: quire mcp login",
  failed: "failed",
  cancelled: "stopped",
  disabled: "disabled",
};
