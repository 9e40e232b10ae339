import type { Engine } from "@quire/app-server";
import { changeQueue, QueueWatch, readQueue } from "@quire/core";
import { errorInfoOf } from "@quire/protocol";
import type { AccountReadResponse } from "@quire/protocol/app-server";
import { chooseModel, type ModelChoice, OFFLINE_MODEL } from "../session/model/model-choice.ts";
import { newId, threadLogDeps } from "../session/thread-deps.ts";
import { VERSION } from "../version.ts";
import { openEngineThread } from "./engine-thread.ts";
import { storedThreads } from "./stored-threads.ts";
import { type EngineBase, readConfig } from "./thread-config.ts";

/** The engine behind the app-server's door, made of this process's parts. */
export function createEngine(base: EngineBase): Engine {
  const { system, home } = base;
  const queueWatch = new QueueWatch(home);
  return {
    about: { name: "quire", version: VERSION, home, platform: system.platform },
    openThread: (request, seams) => openEngineThread(base, request, seams),
    queues: {
      newId: () => newId(system),
      read: (threadId) => readQueue(home, threadId),
      change: (threadId, change) => changeQueue(home, threadId, change),
      watch: (threadId, listener) => queueWatch.watch(threadId, listener),
    },
    threads: storedThreads(threadLogDeps(system, home)),
    // Loaded when they are asked for: a run in this process asks for none of them.
    config: {
      read: async (request) => (await import("./config-access.ts")).configAccess(base).read(request),
      write: async (request) => (await import("./config-access.ts")).configAccess(base).write(request),
    },
    memories: async () => (await import("../memories/memory-door.ts")).memoryDoor(base),
    models: async () => {
      const { modelList } = await import("./models.ts");
      return modelList(await currentModel(base));
    },
    skills: async (cwds) => (await import("../skills/list-skills.ts")).listSkills(base, cwds),
    hooks: async (cwds) => (await import("../hooks/list-hooks.ts")).listHooks(base, cwds),
    account: () => account(base),
    login: async (apiKey) => (await import("./kept-key.ts")).keepKey(base, apiKey),
    logout: async () => (await import("./kept-key.ts")).forgetKey(base),
    features: async () => (await import("./feature-list.ts")).featureList(base),
    mcpServers: async (options) =>
      (await import("../mcp/configured-servers.ts")).configuredServers(base, options),
    mcpSignIn: async (request) => (await import("../mcp/sign-in-request.ts")).signInRequest(base, request),
    startCommand: async (request, signal) =>
      (await import("./client-command.ts")).startCommand(base, request, signal),
    now: system.now,
    listFiles: async (root, signal) => (await import("./list-files.ts")).listFiles(root, signal, base),
  };
}

async function currentModel(base: EngineBase): Promise<string> {
  const loaded = await readConfig(base, base.system.cwd, []);
  try {
    const choice = chooseModel(loaded.config, base.system.env, base.home);
    return choice.kind === "offline" ? OFFLINE_MODEL : choice.model;
  } catch {
    // No key for it: the model is chosen all the same, and its use will say what is missing.
    return loaded.config.model ?? OFFLINE_MODEL;
  }
}

async function account(base: EngineBase): Promise<AccountReadResponse> {
  const loaded = await readConfig(base, base.system.cwd, []);
  let choice: ModelChoice;
  try {
    choice = chooseModel(loaded.config, base.system.env, base.home);
  } catch (thrown) {
    if (errorInfoOf(thrown).code !== "model_unauthorized") throw thrown;
    return { account: null, userId: null, requiresOpenaiAuth: true };
  }
  const hasKey = choice.kind === "endpoint" && choice.credential.kind !== "none";
  const requiresOpenaiAuth = choice.kind === "endpoint" && choice.provider.requiresOpenaiAuth;
  return { account: hasKey ? { type: "apiKey" } : null, userId: null, requiresOpenaiAuth };
}
