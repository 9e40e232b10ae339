import type { RequestView } from "../recorded-request.ts";
import type { Reply } from "../step.ts";

/** One server-sent event with its blank line. `delta` marks those that pacing, stalls and cuts count. */
export interface Block {
  text: string;
  delta: boolean;
}

/** A wire API as the scripted server speaks it. One file each; the list is in `dialects/all.ts`. */
export interface Dialect {
  readonly name: string;
  /** Whether a POST to this path is for this wire API. */
  answers(path: string): boolean;
  read(body: unknown): RequestView;
  /** The answer as server-sent events. `nextId` counts up and never repeats within a server. */
  write(reply: Reply, request: RequestView, nextId: (prefix: string) => string): Iterable<Block>;
}
