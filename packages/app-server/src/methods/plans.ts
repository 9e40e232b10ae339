import { isAbsolute } from "node:path";
import { CodedError } from "@quire/protocol";
import { RpcError } from "../rpc-error.ts";
import type { LoadedThreads } from "../threads/loaded-threads.ts";
import { startedTurnView } from "../wire/turn-view.ts";
import type { Handlers } from "./handlers.ts";
import { requireIdle } from "./turns.ts";

const MODES = [
  { name: "Plan", mode: "plan" as const, model: null, reasoning_effort: null },
  { name: "Default", mode: "default" as const, model: null, reasoning_effort: null },
];

/** Plans: which modes there are, what was proposed, and a person's yes to it. */
export function planMethods(
  loaded: LoadedThreads,
): Handlers<
  "collaborationMode/list" | "thread/plan/read" | "thread/plan/approve" | "thread/prepareApprovedPlan"
> {
  return {
    "collaborationMode/list": () => ({ data: MODES }),
    "thread/plan/read": ({ threadId }) => ({ plan: loaded.get(threadId).engine.thread.plan }),
    "thread/prepareApprovedPlan"({ threadId, markdown, attachmentPath }) {
      const thread = loaded.get(threadId);
      requireIdle(thread);
      if (markdown.trim() === "") throw new CodedError("usage_invalid", "the approved plan is empty");
      if (attachmentPath != null && !isAbsolute(attachmentPath)) {
        throw new RpcError("invalidParams", "params_invalid", "attachmentPath has to be absolute");
      }
      const text = `The user has approved this plan:\n\n<approved_plan>\n${markdown}\n</approved_plan>`;
      thread.engine.inject([{ type: "message", role: "user", content: [{ type: "input_text", text }] }]);
      return { prompt: "Carry out the approved plan." };
    },
    async "thread/plan/approve"({ threadId, itemId, message, limits }, call) {
      const thread = loaded.get(threadId);
      requireIdle(thread);
      loaded.join(thread, call.connection);
      call.afterwards(thread.hold());
      const running = await thread.begin((engine) =>
        engine.buildPlan({
          itemId: itemId ?? null,
          message: message ?? null,
          ...(limits == null ? {} : { limits }),
        }),
      );
      call.afterwards(() => thread.tellSettings());
      return { turn: startedTurnView(running.id) };
    },
  };
}
