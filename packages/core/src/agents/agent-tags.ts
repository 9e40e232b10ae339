/** What messages begin with that other agents, and no person, are the source of. */
export const RESULTS_TAG = "<agent_results>";
export const MAIL_TAG = "<agent_messages>";
/** What ends the conversation that an agent inherited. */
export const INHERITED_TAG = "<inherited_conversation>";

/** Data in JSON, in which nothing can pass for the end of what stands between these tags. */
export function taggedData(value: unknown): string {
  return JSON.stringify(value).replaceAll("</agent_", "<\\/agent_");
}
