import type {
  Cost,
  RequestHead,
  ResponseItem,
  RolloutRecord,
  SessionMeta,
  TokenUsage,
} from "@quire/protocol";
import { replayRollout } from "../rollout/replay.ts";

/** One answered request as the log tells it. */
export interface ReplayedRequest {
  turnId: string;
  /** Null in logs of older versions, and for what another thread has used. */
  requestId: string | null;
  /** "turn", or what else it was made for; then its input was not the history. */
  purpose: string;
  /** The thread that made it, where a fork has copied it. */
  inheritedFrom: string | null;
  meta: SessionMeta | null;
  head: RequestHead | null;
  /** What it sent, oldest first. The same list grows until the history is replaced; it must be used before the next step. */
  input: readonly ResponseItem[];
  usage: TokenUsage;
  cost: Cost | null;
}

/** The requests of a log in their order. A usage line stands in the log behind the input and before the answer. */
export function* replayRequests(
  records: readonly RolloutRecord[],
): Generator<ReplayedRequest, readonly ResponseItem[], void> {
  let input: ResponseItem[] = [];
  let head: RequestHead | null = null;
  let meta: SessionMeta | null = null;
  for (const [index, record] of records.entries()) {
    switch (record.type) {
      case "session_meta":
        meta ??= record.payload;
        break;
      case "response_item":
        input.push(record.payload);
        break;
      case "request_head":
        head = record.payload;
        break;
      case "turn_context":
        break;
      case "token_usage_record": {
        const { turn_id: turnId, request_id, purpose, inherited_from, usage, cost } = record.payload;
        yield {
          turnId,
          requestId: request_id ?? null,
          purpose: purpose ?? "turn",
          inheritedFrom: inherited_from ?? null,
          meta,
          head,
          input,
          usage,
          cost: cost ?? null,
        };
        break;
      }
      case "event_msg":
        if (record.payload.type !== "thread_reverted") break;
        input = replayRollout(records.slice(0, index + 1)).history;
        break;
      // Whatever else a log may hold can change the history in a way that only the replay knows.
      default:
        input = replayRollout(records.slice(0, index + 1)).history;
    }
  }
  return input;
}
