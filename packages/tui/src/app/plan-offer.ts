import { planApproval } from "../dialogs/plan-approval.ts";
import { readTextDialog } from "../dialogs/read-text.ts";
import { lineOf, type StyledLine } from "../text/styled-line.ts";
import type { Ask } from "./questions.ts";
import type { ThreadLink } from "./thread-link.ts";

export interface PlanOffer {
  readonly thread: ThreadLink;
  /** The plan that was read: no other is approved by the answer. */
  readonly itemId: string;
  /** Asks about this thread, until the offer is out of date. */
  readonly ask: Ask;
  readonly say: (lines: readonly StyledLine[]) => void;
  /** Puts words that could not be sent where the user writes. */
  readonly setText: (text: string) => void;
}

/** Asks what is to be done with a plan, and does it. */
export async function offerPlan({ thread, itemId, ask, say, setText }: PlanOffer): Promise<void> {
  switch (await ask(planApproval())) {
    case "build":
      return thread.approvePlan(itemId);
    case "revise": {
      const text = await ask(readTextDialog({ title: "What should be different?" }), { settle: false });
      if (!text?.trim()) return;
      try {
        await thread.send({ text, images: [] });
      } catch (thrown) {
        setText(text);
        throw thrown;
      }
      return;
    }
    case "leave":
      await thread.applyChanges("default");
      say([lineOf(LEFT, { ink: "muted" })]);
      return;
    case null:
      return;
  }
}

/** Said when plan mode was left without a plan being built. */
export const LEFT = "Plan mode is over: the next turn works with your rights from before.";
