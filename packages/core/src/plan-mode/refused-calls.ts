/** Tools whose calls are refused in plan mode for what they are, and what the model is told. */
const REFUSED: Readonly<Record<string, string>> = {
  update_plan:
    "update_plan was not run: it keeps a list of work under way, and in plan mode nothing is. Write the plan between <proposed_plan> and </proposed_plan>.",
  // They may have been started before, with rights to change things.
  followup_task:
    "followup_task was not run: in plan mode no work is given to agents that may change things. Start another agent; it only reads.",
  send_message:
    "send_message was not run: in plan mode no work is given to agents that may change things. Start another agent; it only reads.",
};

/** Null for a tool that may be used, as far as what it wants to do allows. */
export function refusedInPlanMode(tool: string): string | null {
  return Object.hasOwn(REFUSED, tool) ? (REFUSED[tool] ?? null) : null;
}
