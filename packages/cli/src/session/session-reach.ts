import {
  type ApprovalMemory,
  createApprovalMemory,
  isConfined,
  NetworkDesk,
  type Redactor,
} from "@quire/core";
import type { SandboxMode } from "@quire/protocol";
import type { Sandbox, SandboxDeps } from "@quire/sandbox";
import { readableFolders } from "../skills/extensions.ts";
import { openWeb } from "./late-parts.ts";
import type { ModelChoice } from "./model/model-choice.ts";
import { openNetworkAudit } from "./network/network-log.ts";
import { commandHooks, type HookParts, type ThreadRules, threadRules } from "./network/thread-network.ts";
import type { WebTools } from "./network/web-tools.ts";
import { openSandbox } from "./sandbox-parts.ts";
import type { OpenedRules } from "./saved-rules.ts";
import type { SessionRequest } from "./session-request.ts";
import type { Sandboxes } from "./session-tools.ts";

/** How far the commands and tools of a session reach, and who is asked when that is not far enough. */
export interface SessionReach {
  readonly deps: SandboxDeps;
  readonly memory: ApprovalMemory;
  /** How proxies ask and report. */
  readonly hookParts: HookParts;
  /** Where commands ran first; whoever runs them closes these. */
  readonly first: Sandboxes;
  /** Where hooks run now. */
  readonly sandbox: Sandbox;
  readonly web: WebTools | null;
  /** For other settings or another place: new sandboxes for the caller to close. */
  moveTo(request: SessionRequest, network: ThreadRules | null): Sandboxes;
  /** Ends the ways to the web, then what `between` ends, then the record of what was decided. */
  close(between: () => Promise<unknown>): Promise<void>;
}

/** What is reachable under the settings of a request. Fails with `config_invalid`. */
export function networkOf({ loaded, workspace, system }: SessionRequest, rules: OpenedRules) {
  return threadRules(loaded.config.network, workspace.sandboxMode, rules.read(), system);
}

export async function openReach(
  request: SessionRequest,
  threadId: string,
  choice: ModelChoice,
  parts: { deps: SandboxDeps; rules: OpenedRules; network: ThreadRules | null; redactor: Redactor },
): Promise<SessionReach> {
  const { deps, rules, network, redactor } = parts;
  const learn = (from: Pick<ThreadRules, "secrets"> | null) => {
    for (const secret of from?.secrets ?? []) redactor.learn(secret);
  };
  learn(network);
  const memory = createApprovalMemory(rules);
  const audit = openNetworkAudit(request.home, request.system);
  const hookParts = { threadId, desk: new NetworkDesk(memory), audit };
  const first = openSandboxes(request, deps, network, hookParts);
  let sandbox = first.session;
  const web = await openWeb(request, choice, rules, hookParts);
  learn(web);
  return {
    deps,
    memory,
    hookParts,
    first,
    get sandbox() {
      return sandbox;
    },
    web,
    moveTo(changed, nextNetwork) {
      learn(nextNetwork);
      const next = openSandboxes(changed, deps, nextNetwork, hookParts);
      sandbox = next.session;
      web?.moveTo({ config: changed.loaded.config, mode: changed.workspace.sandboxMode });
      return next;
    },
    async close(between) {
      web?.close();
      await between();
      audit.close();
    },
  };
}

function openSandboxes(
  { home, workspace, loaded, approver }: SessionRequest,
  deps: SandboxDeps,
  network: ThreadRules | null,
  hookParts: HookParts,
): Sandboxes {
  const hooked = { ...deps, network: commandHooks(hookParts, loaded.config.network) };
  const place = { ...workspace, readableFolders: readableFolders(home) };
  const open = (mode: SandboxMode) => openSandbox(place, loaded.config, mode, hooked, network?.rules);
  const canLeave = isConfined(workspace.sandboxMode) && approver !== null;
  return { session: open(workspace.sandboxMode), unconfined: canLeave ? open("danger-full-access") : null };
}
