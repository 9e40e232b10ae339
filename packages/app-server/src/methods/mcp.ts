import type { McpAnswer, McpCallOutcome } from "@quire/mcp";
import { CodedError, errorInfoOf } from "@quire/protocol";
import type { Engine, ThreadMcp } from "../engine.ts";
import { pageOf } from "../page.ts";
import type { LoadedThread } from "../threads/loaded-thread.ts";
import type { LoadedThreads } from "../threads/loaded-threads.ts";
import type { Handlers } from "./handlers.ts";

const DEFAULT_LOGIN_SECONDS = 300;

/** MCP servers, of a thread or as they are configured. */
export function mcpMethods(
  engine: Pick<Engine, "config" | "mcpServers" | "mcpSignIn">,
  loaded: LoadedThreads,
): Handlers<
  | "config/mcpServer/reload"
  | "mcpServerStatus/list"
  | "mcpServer/resource/read"
  | "mcpServer/tool/call"
  | "mcpServer/oauth/login"
> {
  return {
    async "config/mcpServer/reload"() {
      // Fails where it cannot be read; then no thread is touched.
      await engine.config.read({ cwd: null, includeLayers: false });
      const reloads = loaded.ids().map((id) => reload(loaded.get(id)));
      await Promise.all(reloads);
      return {};
    },
    async "mcpServerStatus/list"(params, { signal }) {
      const { threadId, serverName } = params;
      const options = { server: serverName ?? null, full: params.detail !== "toolsAndAuthOnly" };
      const statuses =
        threadId == null
          ? await engine.mcpServers(options)
          : ((await loaded.get(threadId).engine.mcp?.status(options, signal)) ?? []);
      const { data, nextCursor } = pageOf(statuses, ({ name }) => name, params, 100);
      return { data, nextCursor };
    },
    async "mcpServer/resource/read"({ threadId, server, uri }, { signal }) {
      if (threadId == null) {
        throw new CodedError("usage_invalid", "a resource is read through a thread: threadId is missing", {
          nextStep: "Name a thread that is open here.",
        });
      }
      const contents = valueIn(await serversOf(loaded, threadId).read(server, uri, signal));
      return { contents: [...contents], originCallId: null };
    },
    async "mcpServer/oauth/login"({ name, threadId, scopes, timeoutSecs }, { connection }) {
      const timeoutMs = Math.min(Math.max(timeoutSecs ?? DEFAULT_LOGIN_SECONDS, 1), 3600) * 1000;
      const { authorizationUrl, loginId, done } = await engine.mcpSignIn({
        name,
        scopes: scopes ?? null,
        timeoutMs,
      });
      const tell = (outcome: { success: boolean; error?: string }) =>
        connection.notify("mcpServer/oauthLogin/completed", {
          name,
          threadId: threadId ?? null,
          loginId,
          ...outcome,
        });
      void done.then(
        () => tell({ success: true }),
        (thrown: unknown) => tell({ success: false, error: errorInfoOf(thrown).message }),
      );
      return { authorizationUrl, loginId };
    },
    async "mcpServer/tool/call"({ threadId, server, tool, arguments: args = {} }, { signal }) {
      const outcome = await serversOf(loaded, threadId).call(server, tool, args, signal);
      if (outcome.kind === "failed") throw failure(outcome);
      const { content, structuredContent, isError } = outcome;
      return {
        content: [...content],
        isError,
        ...(structuredContent === undefined ? {} : { structuredContent }),
      };
    },
  };
}

/** Resolves at once where a turn runs: the servers follow when it has ended. What goes wrong is told to who follows it. */
async function reload(thread: LoadedThread): Promise<void> {
  const isRunning = thread.runningTurnId !== null;
  const reloaded = thread.reloadMcpServers().catch((thrown: unknown) => {
    const { code, message } = errorInfoOf(thrown);
    const text = `The MCP servers were not reloaded: ${message}`;
    thread.tell({ method: "warning", params: { threadId: thread.id, message: text, code } });
  });
  if (!isRunning) await reloaded;
}

function serversOf(loaded: LoadedThreads, threadId: string): ThreadMcp {
  const { mcp } = loaded.get(threadId).engine;
  if (mcp !== null) return mcp;
  throw new CodedError("usage_invalid", `thread ${threadId} has no MCP servers`, {
    nextStep: "Add one: quire mcp add NAME -- COMMAND…",
  });
}

function valueIn<T>(answer: McpAnswer<T>): T {
  if (answer.kind === "failed") throw failure(answer);
  return answer.value;
}

function failure({ reason, message }: Extract<McpCallOutcome, { kind: "failed" }>): CodedError {
  if (reason === "interrupted") return new CodedError("interrupted", message);
  if (reason === "timed_out") return new CodedError("mcp_call_timed_out", message);
  return new CodedError(reason === "rejected" ? "tool_failed" : "mcp_server_failed", message);
}
