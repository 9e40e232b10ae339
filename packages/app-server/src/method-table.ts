import { CLIENT_REQUESTS, type ClientMethod } from "@quire/protocol/app-server";
import type { Broadcast } from "./broadcast.ts";
import type { Call, Dispatcher } from "./connection.ts";
import type { Engine } from "./engine.ts";
import { accountMethods } from "./methods/account.ts";
import { backgroundTerminalMethods } from "./methods/background-terminals.ts";
import { catalogueMethods } from "./methods/catalogues.ts";
import { commandMethods } from "./methods/commands.ts";
import { compactionMethods } from "./methods/compaction.ts";
import { configMethods } from "./methods/config.ts";
import { fileMethods } from "./methods/files.ts";
import { goalMethods } from "./methods/goals.ts";
import type { Handlers } from "./methods/handlers.ts";
import { historyMethods } from "./methods/history.ts";
import { initializeMethods } from "./methods/initialize.ts";
import { mcpMethods } from "./methods/mcp.ts";
import { memoryMethods } from "./methods/memories.ts";
import { openThreadMethods } from "./methods/open-threads.ts";
import { planMethods } from "./methods/plans.ts";
import { queueMethods } from "./methods/queue.ts";
import { reviewMethods } from "./methods/reviews.ts";
import { threadSettingsMethods } from "./methods/thread-settings.ts";
import { threadMethods } from "./methods/threads.ts";
import { turnMethods } from "./methods/turns.ts";
import { RpcError } from "./rpc-error.ts";
import type { LoadedThreads } from "./threads/loaded-threads.ts";
import { ThreadHistory } from "./threads/thread-history.ts";
import { ThreadViews } from "./threads/thread-views.ts";
import type { PlanLimitsView } from "./wire/plan-limits.ts";

/** Requests that no other waits for: they change nothing of a thread, and may take a moment or must not. */
const CONCURRENT: ReadonlySet<string> = new Set<ClientMethod>([
  "fuzzyFileSearch",
  "fuzzyFileSearch/sessionStart",
  "fuzzyFileSearch/sessionUpdate",
  "fuzzyFileSearch/sessionStop",
  "model/list",
  "skills/list",
  "hooks/list",
  "command/exec",
  // Waits for the command to read.
  "command/exec/write",
  "mcpServerStatus/list",
  "mcpServer/resource/read",
  "mcpServer/tool/call",
  "mcpServer/oauth/login",
]);

/** Every method with its handler. A method without one does not compile. */
export function createDispatcher(
  engine: Engine,
  loaded: LoadedThreads,
  planLimits: PlanLimitsView,
  broadcast: Broadcast,
): Dispatcher {
  const stored = engine.threads;
  const history = new ThreadHistory(stored, loaded);
  const views = new ThreadViews(stored, loaded);
  const handlers: Handlers<ClientMethod> = {
    ...initializeMethods(engine.about),
    ...openThreadMethods({ loaded, history, views }),
    ...threadMethods({ stored, loaded, history, views, broadcast }),
    ...historyMethods(history),
    ...threadSettingsMethods(loaded),
    ...turnMethods(loaded),
    ...queueMethods(engine, loaded),
    ...reviewMethods({ loaded, stored, views }),
    ...backgroundTerminalMethods(loaded),
    ...compactionMethods(loaded),
    ...planMethods(loaded),
    ...goalMethods(loaded),
    ...memoryMethods(engine, loaded),
    ...commandMethods(engine),
    ...catalogueMethods(engine, loaded),
    ...accountMethods(engine, planLimits, broadcast),
    ...configMethods(engine.config),
    ...fileMethods(engine),
    ...mcpMethods(engine, loaded),
  };
  return {
    isConcurrent: (method) => CONCURRENT.has(method),
    async run(method, params, call) {
      if (!isClientMethod(method)) {
        throw new RpcError(
          "methodNotFound",
          "method_unknown",
          `There is no method ${JSON.stringify(method.slice(0, 100))}.`,
        );
      }
      if (method !== "initialize" && call.connection.client === null) {
        throw new RpcError("invalidRequest", "not_initialized", "Not initialized");
      }
      return runHandler(handlers, method, params, call);
    },
  };
}

function isClientMethod(method: string): method is ClientMethod {
  return Object.hasOwn(CLIENT_REQUESTS, method);
}

function runHandler<M extends ClientMethod>(
  handlers: Handlers<M>,
  method: M,
  params: unknown,
  call: Call,
): unknown {
  const parsed = CLIENT_REQUESTS[method].params.safeParse(params ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.length ? `${issue.path.map(String).join(".")}: ` : "";
    const message = `The parameters of ${method} are wrong: ${where}${issue?.message ?? "not understood"}`;
    throw new RpcError("invalidParams", "params_invalid", message);
  }
  // Parsed by the schema of this very method; the table's type does not carry that through the index.
  return handlers[method](parsed.data as Parameters<Handlers<M>[M]>[0], call);
}
