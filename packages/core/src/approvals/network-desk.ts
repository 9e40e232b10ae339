import { type NetworkAccessItem, networkPlace } from "@quire/protocol";
import type { HostMemory } from "./judge-rules.ts";

/** How a connection reaches the proxy, in the words of clients. */
export type NetworkProtocol = "http" | "https" | "socks5Tcp";

/** A host that no rule names, and the command that wants to reach it. */
export interface HostRequest {
  readonly host: string;
  readonly port: number;
  readonly protocol: NetworkProtocol;
  /** The item of the command; null for a program that is none of the thread's commands. */
  readonly itemId: string | null;
}

export interface HostVerdict {
  readonly verdict: "allow" | "deny";
  /** Who decided, in words. */
  readonly rule: string;
}

/** A decision of the proxy, whoever made it. */
export interface HostDecision extends HostVerdict {
  readonly host: string;
  readonly port: number;
  readonly itemId: string | null;
}

/** A `NetworkAccessItem` before the log gives it its place. */
export type NetworkAccess = Omit<NetworkAccessItem, "type" | "id" | "startedAtMs" | "completedAtMs">;

/** Puts one question to a person, for the turn that runs. Rejects when the signal aborts. */
export type AskPerson = (
  request: HostRequest & { itemId: string },
  signal: AbortSignal,
) => Promise<HostVerdict & { readonly lasting: "command" | "turn" | "known" }>;

/** What a turn does for the desk while it runs. */
export interface NetworkTurn {
  /** Null where nobody can be asked. */
  readonly ask: AskPerson | null;
  readonly signal: AbortSignal;
}

/** Milliseconds that a connection waits for an answer. */
const ANSWER_WITHIN_MS = 240_000;
const MOST_HOSTS = 50;
const MOST_PORTS = 8;
const MOST_REMEMBERED = 1000;
const OTHER_HOSTS = "(other hosts)";

/**
 * Stands between the network proxy and the turn. It asks a person once about a host (the ports
 * of web servers are one, each other port is another question), however many connections wait, and
 * collects the decisions until the turn takes them into the log. One per thread; it outlives changes of the sandbox.
 */
export class NetworkDesk {
  readonly #memory: HostMemory;
  readonly #waitMs: number;
  readonly #open = new Map<string, Promise<HostVerdict>>();
  readonly #grantedOnce = new Set<string>();
  readonly #declined = new Set<string>();
  readonly #seen = new Map<string, NetworkAccess & { ports: number[] }>();
  #turn: { given: NetworkTurn; over: AbortController } | null = null;

  constructor(memory: HostMemory, waitMs: number = ANSWER_WITHIN_MS) {
    this.#memory = memory;
    this.#waitMs = waitMs;
  }

  /** A turn begins; what was declined may be asked about again. */
  enter(turn: NetworkTurn): void {
    this.#declined.clear();
    this.#turn = { given: turn, over: new AbortController() };
  }

  /** The turn has ended: open questions are refused. */
  leave(): void {
    this.#turn?.over.abort();
    this.#turn = null;
  }

  /** Never rejects. `signal` ends the wait, as do the turn and a time limit. */
  async ask(request: HostRequest, { signal }: { signal: AbortSignal }): Promise<HostVerdict> {
    const { host, port, itemId } = request;
    const known = this.#memory.hostVerdict(host, port);
    if (known !== null) {
      return known === "allow"
        ? { verdict: "allow", rule: "the user allowed it earlier" }
        : deny("the user refused it for good");
    }
    // A refusal counts for all its ports: a command that tries one after the other must not bury a person in questions.
    if (this.#declined.has(host)) return deny("the user did not allow it");
    const place = networkPlace(host, port);
    if (itemId !== null && this.#grantedOnce.has(onceKey(itemId, place))) {
      return { verdict: "allow", rule: "the user allowed it for this command" };
    }
    const turn = this.#turn;
    if (itemId === null || turn === null || turn.given.ask === null) {
      return deny(itemId !== null && turn === null ? NO_TURN : "no rule allows it, and nobody can be asked");
    }
    const { ask } = turn.given;
    const pending = this.#open.get(place) ?? this.#question({ ...request, itemId }, ask, turn, signal);
    this.#open.set(place, pending);
    try {
      const answer = await pending;
      // Whoever waited for the same answer has it for the command that it belongs to.
      if (answer.verdict === "allow") remember(this.#grantedOnce, onceKey(itemId, place));
      return answer;
    } finally {
      if (this.#open.get(place) === pending) this.#open.delete(place);
    }
  }

  decided({ host, port, itemId, verdict, rule }: HostDecision): void {
    const full = this.#seen.size >= MOST_HOSTS;
    const shown = full && !this.#seen.has(seenKey(itemId, verdict, host)) ? OTHER_HOSTS : host;
    const key = seenKey(itemId, verdict, shown);
    const before = this.#seen.get(key) ?? { itemId, host: shown, ports: [], verdict, rule, count: 0 };
    const isNewPort = !before.ports.includes(port) && before.ports.length < MOST_PORTS;
    const ports = isNewPort ? [...before.ports, port] : before.ports;
    this.#seen.set(key, { ...before, ports, rule, count: before.count + 1 });
  }

  /** What was decided since the last time, oldest first: of the commands that `of` accepts, or of all. */
  take(of: (itemId: string | null) => boolean = () => true): NetworkAccess[] {
    const taken: NetworkAccess[] = [];
    for (const [key, access] of this.#seen) {
      if (!of(access.itemId)) continue;
      this.#seen.delete(key);
      taken.push(access);
    }
    return taken;
  }

  async #question(
    request: HostRequest & { itemId: string },
    ask: AskPerson,
    turn: { given: NetworkTurn; over: AbortController },
    signal: AbortSignal,
  ): Promise<HostVerdict> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#waitMs);
    try {
      const until = AbortSignal.any([signal, turn.given.signal, turn.over.signal, late.signal]);
      const { verdict, rule, lasting } = await ask(request, until);
      if (verdict === "deny" && lasting === "turn") remember(this.#declined, request.host);
      return { verdict, rule };
    } catch {
      // An aborted question is the only way it fails.
      return deny(
        late.signal.aborted
          ? `nobody answered within ${Math.round(this.#waitMs / 1000)} seconds`
          : "the turn was interrupted before anybody answered",
      );
    } finally {
      clearTimeout(timer);
    }
  }
}

const NO_TURN = "no rule allows it, and no turn is running that could ask";

function deny(rule: string): HostVerdict {
  return { verdict: "deny", rule };
}

function onceKey(itemId: string, place: string): string {
  return JSON.stringify([itemId, place]);
}

function seenKey(itemId: string | null, verdict: string, host: string): string {
  return JSON.stringify([itemId, verdict, host]);
}

/** The oldest gives way, so that a thread that lives long stays small. */
function remember(set: Set<string>, value: string): void {
  set.add(value);
  const [oldest] = set;
  if (set.size > MOST_REMEMBERED && oldest !== undefined) set.delete(oldest);
}
