/** What a thread cost and why: a door of its own, so that a run does not read code that only `quire explain` needs. */
export {
  type ExplainDeps,
  type ExplainedRequest,
  explainThread,
  type NextRequest,
  type ThreadExplanation,
} from "./explain-thread.ts";
export type { PrefixBreak } from "./prefix-break.ts";
export { type ReplayedRequest, replayRequests } from "./replay-requests.ts";
export { fieldsOf, RequestBytes, type RequestFields } from "./request-bytes.ts";
export type { SentOutput } from "./token-sources.ts";
