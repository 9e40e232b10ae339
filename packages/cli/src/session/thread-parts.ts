import fs from "node:fs";
import { NO_ROUTE, type ThreadLogState, type ThreadParts } from "@quire/core";
import { hookDesk } from "../hooks/hook-desk.ts";
import { commandContext, realPathOf } from "./command-context.ts";
import { featureEnabled } from "./features.ts";
import { lazyWorkTree } from "./late-parts.ts";
import type { SessionModel } from "./session-model.ts";
import type { SessionReach } from "./session-reach.ts";
import type { SessionRequest } from "./session-request.ts";
import type { CurrentState } from "./session-state.ts";
import { threadAccounts } from "./thread-books.ts";
import { newId } from "./thread-deps.ts";
import type { ThreadTools } from "./thread-tools.ts";

/** What a thread is made of. What depends on settings or place is asked anew each time. */
export function threadParts(
  request: SessionRequest,
  log: ThreadLogState,
  current: () => CurrentState,
  { client, catalogue, priceOf, redactor }: SessionModel,
  reach: SessionReach,
  tools: ThreadTools,
): ThreadParts {
  const { system, home } = request;
  const { config } = request.loaded;
  const { session, mcp, agents } = tools;
  const place = () => session.workspace;
  const folder = () => place().gitRoot ?? place().cwd;
  const accounts = request.modelClient ? null : threadAccounts(request, catalogue, folder);
  const hooks = hookDesk(request, log, {
    hooks: () => current().extensions.hooks,
    cwd: () => place().cwd,
    sandbox: () => reach.sandbox,
  });
  return {
    client,
    router: (input, effort) => current().router?.(input, effort) ?? NO_ROUTE,
    ...accounts?.parts,
    tools: session.tools,
    hooks,
    skills: (text) => current().extensions.useSkills(text),
    lateTools: tools.late,
    maxGoalTokens: config.maxGoalTokens,
    modelSetsGoals: featureEnabled(config, "goals"),
    ...(agents === null ? {} : { agents: agents.desk }),
    ...(request.subagent === undefined ? {} : { onSpent: request.subagent.onSpent }),
    closeTools: async () => {
      await agents?.desk.close();
      await hooks.end();
      await reach.close(() => Promise.all([session.close(), mcp?.close()]));
      accounts?.close();
    },
    priceOf,
    approver: request.approver,
    network: reach.hookParts.desk,
    policy: {
      memory: reach.memory,
      get commands() {
        return commandContext(system, place());
      },
      realPath: realPathOf,
      exists: fs.existsSync,
    },
    redactor,
    workTree: lazyWorkTree(place, system, home),
    loadImage: tools.loadImage,
    now: system.now,
    monotonicMs: system.monotonicMs,
    newId: () => newId(system),
  };
}
