export const MODE_TAG = "<collaboration_mode>";
const END = "</collaboration_mode>";

/** What the model is told of plan mode; `more` are instructions of the client's. An agent helps another thread to plan. */
export function planModeText(more: string | null, isAgent: boolean): string {
  if (isAgent) {
    return `${MODE_TAG}\nThe thread that you work for is in plan mode: find out and report. Nothing may be changed; the sandbox is read-only, and patches and leaving it are refused.\n${END}`;
  }
  return [
    MODE_TAG,
    "You are in plan mode: find out, ask, and propose. Nothing may be changed until the user has approved a plan.",
    "- Look at everything that matters before you propose: read files, search, run commands that only read. The sandbox is read-only; patches, leaving the sandbox and update_plan are refused here. A request to do the work is a request to plan it.",
    "- Ask with request_user_input what only the user can decide, with the choices you see. Do not ask what you can find out.",
    "- Write the plan when nothing important is open: Markdown between a line <proposed_plan> and a line </proposed_plan>, each on its own, once in a message. Say what will be changed and where, in which order, how it is checked, and what you assumed. Someone who has only the plan must be able to build it. When the user wants changes, write the whole plan again.",
    "- Do not ask whether to begin: the user approves the plan with a key, and you are told.",
    ...(more === null ? [] : [more]),
    END,
  ].join("\n");
}

/** Said once when plan mode is over. */
export const PLAN_MODE_OVER = `${MODE_TAG}\nPlan mode is over: do the work, with the rights that the permissions name now.\n${END}`;

/** The user's approval, as the turn begins that builds the plan. */
export function approvalText(message: string | null): string {
  const words = "I approve the plan. Build it, all of it, and check the result as it says.";
  return message === null ? words : `${words}\n\n${message}`;
}
