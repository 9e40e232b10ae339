import type { Engine } from "@quire/app-server";
import { errorInfoOf } from "@quire/protocol";
import type { AccountReadResponse } from "@quire/protocol/app-server";
import { chooseModel, type ModelChoice, OFFLINE_MODEL } from "../session/model-choice.ts";
import { threadLogDeps } from "../session/thread-deps.ts";
import { VERSION } from "../version.ts";
import { configAccess } from "./config-access.ts";
import { openEngineThread } from "./engine-thread.ts";
import { listFiles } from "./list-files.ts";
import { modelList } from "./models.ts";
import { storedThreads } from "./stored-threads.ts";
import { type EngineBase, readConfig } from "./thread-config.ts";

/** The engine behind the app-server's door, made of this process's parts. */
export function createEngine(base: EngineBase): Engine {
  const { system, home } = base;
  return {
    about: { name: "quire", version: VERSION, home, platform: system.platform },
    openThread: (request, seams) => openEngineThread(base, request, seams),
    threads: storedThreads(threadLogDeps(system, home)),
    config: configAccess(base),
    models: async () => modelList(await currentModel(base)),
    account: () => account(base),
    now: system.now,
    listFiles: (root, signal) => listFiles(root, signal, base),
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
