import type { RecordedRequest } from "./recorded-request.ts";

/** One piece of a model's answer, in no wire API's words. */
export type ReplyPart =
  | { kind: "text"; text: string | Deltas }
  | { kind: "refusal"; text: string }
  | { kind: "reasoning"; text: string }
  /** `argumentText` is sent as it stands and need not be JSON. */
  | { kind: "call"; name: string; argumentText: string; callId?: string }
  /** Plain text to a freeform tool; becomes a function call where the tool is offered as a function. */
  | { kind: "freeform"; name: string; input: string; callId?: string }
  /** Any item of the wire API, as it stands. */
  | { kind: "item"; item: Readonly<Record<string, unknown>> };

/** Made-up text: so many deltas of so many characters. */
export interface Deltas {
  deltas: number;
  chars: number;
}

export interface ReplyUsage {
  input?: number;
  cached?: number;
  output?: number;
  reasoning?: number;
}

/** How the bytes of an answer reach the client. */
export interface Delivery {
  /** Headers of the answer besides its own. */
  headers?: Readonly<Record<string, string>>;
  /** Silence before the response's headers. */
  firstByteMs?: number;
  /** Deltas a second; absent: as fast as it goes. */
  ratePerSecond?: number;
  /** Bytes of each piece that is written; 1 splits every character and every line. */
  chunkBytes?: number;
  /** Ends the body after so many bytes: `drop` closes the socket, `reset` resets it, `end` ends it properly. */
  cut?: { atByte: number; how: CutHow };
  /** Ends the body after so many deltas. */
  cutAfterDeltas?: { deltas: number; how: CutHow };
  /** Goes silent after so many deltas and then goes on. */
  stall?: { afterDeltas: number; ms: number };
  /**
   * Asked with 0 before the first byte and then with the number of deltas that were sent; what comes next waits for the
   * promise that it gives.
   */
  hold?: (deltas: number) => Promise<void> | undefined;
  /** Characters of each delta of given text. Default 16. */
  chunkChars?: number;
}

export type CutHow = "drop" | "reset" | "end";

export interface Reply {
  kind: "reply";
  parts: readonly ReplyPart[];
  /** How the response says that it ended. Default `completed`. */
  outcome?: { kind: "incomplete"; reason: string } | { kind: "failed"; code: string; message: string };
  usage?: ReplyUsage;
  /** Each delta of text counts as one token of this log probability; absent: nothing is said of it. */
  logprob?: number;
  delivery?: Delivery;
}

/** An answer that is no model's answer. */
export type Refused = {
  kind: "refused";
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
};
export type Hangup = { kind: "hangup" };
/** These very bytes as a stream of events. */
export type RawStream = { kind: "raw"; body: string; delivery?: Delivery };

export type Answer = Reply | Refused | Hangup | RawStream;
/** What the server does with one request. A function decides when the request is there. */
export type Step = Answer | ((request: RecordedRequest) => Answer);

export interface FaultStatus {
  status: number;
  /** Seconds, or a date as text. */
  retryAfter?: number | string;
  code?: string;
  message?: string;
  headers?: Readonly<Record<string, string>>;
  /** Instead of the JSON error that the other fields make. */
  body?: string;
}
export type Fault =
  | FaultStatus
  /** Closes the connection: before any byte, or in the middle of a made-up answer. */
  | { drop: "before" | "midway" }
  /** Ends the answer properly, but before it says that it is complete. */
  | { truncate: true }
  | { malformed: true }
  /** A page with status 200, as captive portals send it. */
  | { html: true }
  /** So many milliseconds of silence in the middle of a made-up answer, which then goes on. */
  | { stall: number };

/** The model says this. */
export function says(text: string | Deltas, options: Omit<Reply, "kind" | "parts"> = {}): Reply {
  return { kind: "reply", parts: [{ kind: "text", text }], ...options };
}

/** A reasoning summary; usually together with something else, by `replies`. */
export function reasons(text: string): Reply {
  return { kind: "reply", parts: [{ kind: "reasoning", text }] };
}

/** One function call. Text as `args` is sent as it stands, so that it may be broken JSON. */
export function callsTool(name: string, args: object | string, options: { callId?: string } = {}): Reply {
  const argumentText = typeof args === "string" ? args : JSON.stringify(args);
  return { kind: "reply", parts: [{ kind: "call", name, argumentText, ...options }] };
}

/** Several calls in one response. */
export function callsTools(
  calls: readonly (readonly [name: string, args: object | string, options?: { callId?: string }])[],
): Reply {
  return replies(...calls.map(([name, args, options]) => callsTool(name, args, options)));
}

/** A call of the apply_patch tool in whichever form the client offers it. */
export function patches(patch: string, options: { callId?: string } = {}): Reply {
  return { kind: "reply", parts: [{ kind: "freeform", name: "apply_patch", input: patch, ...options }] };
}

/** An item of the wire API as it stands, for what the other builders do not say. */
export function sendsItem(item: Readonly<Record<string, unknown>>): Reply {
  return { kind: "reply", parts: [{ kind: "item", item }] };
}

/** One response made of several; the last one's options win. */
export function replies(...all: readonly Reply[]): Reply {
  return Object.assign({}, ...all, { parts: all.flatMap((reply) => reply.parts) });
}

/** These bytes as the body of a 200 answer of type text/event-stream. */
export function streams(body: string, delivery?: Delivery): RawStream {
  return { kind: "raw", body, ...(delivery === undefined ? {} : { delivery }) };
}

/** An answer that waits until the test calls `open`, however long that takes. */
export function gate(): { readonly open: () => void; readonly delivery: Pick<Delivery, "hold"> } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), delivery: { hold: (deltas) => (deltas === 0 ? opened : undefined) } };
}

/** The same answer, delivered otherwise. */
export function delivered<A extends Reply | RawStream>(answer: A, delivery: Delivery): A {
  return { ...answer, delivery: { ...answer.delivery, ...delivery } };
}

const HALF_SAID =
  "This answer was never meant to be read to its end, it only has to be long enough to break.";

export function fault(what: Fault): Answer {
  if ("status" in what) return refused(what);
  if ("drop" in what) {
    return what.drop === "before" ? { kind: "hangup" } : cutShort("drop");
  }
  if ("truncate" in what) return cutShort("end");
  if ("stall" in what) return says(HALF_SAID, { delivery: { stall: { afterDeltas: 2, ms: what.stall } } });
  if ("html" in what) {
    const page =
      "<!doctype html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>";
    return { kind: "refused", status: 200, headers: { "content-type": "text/html" }, body: page };
  }
  return streams(
    'event: response.created\ndata: {"type":"response.created"}\n\nevent: ???\ndata: }{ no json\n\n',
  );
}

function cutShort(how: CutHow): Reply {
  return says(HALF_SAID, { delivery: { cutAfterDeltas: { deltas: 3, how } } });
}

function refused(what: FaultStatus): Refused {
  const code = what.code ?? (what.status === 429 ? "rate_limit_exceeded" : "server_error");
  const message = what.message ?? `scripted fault ${what.status}`;
  return {
    kind: "refused",
    status: what.status,
    headers: {
      "content-type": "application/json",
      ...(what.retryAfter === undefined ? {} : { "retry-after": String(what.retryAfter) }),
      ...what.headers,
    },
    body: what.body ?? JSON.stringify({ error: { code, type: code, message } }),
  };
}
