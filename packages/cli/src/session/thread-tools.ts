import type { LateTools, Thread, ThreadLogState } from "@quire/core";
import type { ThreadItem } from "@quire/protocol";
import { type CommandSession, commandItem } from "@quire/tools";
import type { OpenedAgents } from "../subagents/open-session-agents.ts";
import { openAgents, openOwnedTools, openWantedEditChecks } from "./late-parts.ts";
import { type McpTools, openMcpTools } from "./mcp/mcp-tools.ts";
import { requireImages } from "./model/model-facts.ts";
import { serverHooks } from "./network/thread-network.ts";
import type { SessionModel } from "./session-model.ts";
import type { SessionReach } from "./session-reach.ts";
import type { SessionRequest } from "./session-request.ts";
import { type CurrentState, imageProblem } from "./session-state.ts";
import { openTools, readImage, type SessionTools } from "./session-tools.ts";
import { newId } from "./thread-deps.ts";

/** What the model of a thread works with. */
export interface ThreadTools {
  readonly session: SessionTools;
  readonly mcp: McpTools | null;
  readonly agents: OpenedAgents | null;
  /** What joins at the start of a turn. */
  readonly late: LateTools;
  /** Fails with `image_invalid`, also where the model cannot be shown images. */
  loadImage(path: string): Promise<string>;
}

/** `current` is what the settings are now; `thread` is the one that they are for, once there is one. */
export async function openThreadTools(
  request: SessionRequest,
  log: ThreadLogState,
  current: () => CurrentState,
  { redactor, known }: SessionModel,
  { deps, hookParts, first, web }: SessionReach,
  thread: () => Pick<Thread, "completeItem" | "answerBeside">,
): Promise<ThreadTools> {
  const place = () => session.workspace;
  const owned = await openOwnedTools(request, place);
  const checks = await openWantedEditChecks(request, place, deps);
  const show = (item: ThreadItem) => thread().completeItem(item);
  const mcp = await openMcpTools(request, { ...deps, network: serverHooks(hookParts) }, redactor, {
    model: () => (current().choice.kind === "offline" ? null : current().settings.model),
    answer: (question) => thread().answerBeside(question),
    show,
    newId: () => newId(request.system),
  });
  const agents = await openAgents(request, log, () => ({ ...current(), workspace: place() }), mcp);
  const whyNoImages = () => imageProblem(current(), known);
  // Commands that end while nobody waits for them.
  const onEnd = (ended: CommandSession) =>
    show(commandItem(ended, { id: ended.facts.itemId, source: "agent" }));
  const session = openTools(request, first, redactor, onEnd, {
    tools: [...(web?.tools ?? []), ...(agents?.tools ?? []), ...owned.map(({ tool }) => tool)],
    close: async () => {
      await Promise.all([...owned, ...(checks === null ? [] : [checks])].map((each) => each.close()));
    },
    checkEdits: checks?.check,
    whyNoImages,
  });
  return {
    session,
    mcp,
    agents,
    async late(signal) {
      const ofServers = await mcp?.lateTools(signal);
      const ofPlans = current().settings.planMode === true ? (request.planTools ?? []) : [];
      const wanted = ofPlans.filter(({ spec }) => !request.withoutTools?.includes(spec.name));
      return { tools: [...(ofServers?.tools ?? []), ...wanted], warnings: ofServers?.warnings ?? [] };
    },
    async loadImage(path) {
      requireImages(whyNoImages(), path);
      return await readImage(path);
    },
  };
}
