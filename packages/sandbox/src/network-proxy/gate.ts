import { isIPv6 } from "node:net";
import { networkPlace } from "@quire/protocol";
import type { AddressCheck } from "./addresses.ts";
import { formatAuthority, type Host, readHost } from "./host-name.ts";
import type { CompiledRules } from "./rules.ts";

/** How a request reached the proxy; `credential` is plain HTTP that is sent on as HTTPS with added headers. */
export type ProxyMethod = "connect" | "http" | "socks5" | "credential";

/** One decision, for the thread's log and the audit log. */
export interface ProxyDecision {
  /** As decided about; of an unusable one at most 255 printable characters. */
  readonly host: string;
  readonly port: number;
  /** The first address it resolved to; null when it was not looked up or has none. */
  readonly address: string | null;
  readonly verdict: "allow" | "deny";
  /** The rule or reason, in words. */
  readonly rule: string;
  readonly method: ProxyMethod;
}

/** All addresses of a host. Rejects when there are none. */
export type Resolve = (host: string, signal: AbortSignal) => Promise<readonly string[]>;

/** A host that no rule names. `origin` is the label of the command that wants to reach it. */
export interface HostQuestion {
  readonly host: string;
  readonly port: number;
  readonly method: ProxyMethod;
  readonly origin: string | null;
}

/** `rule` says in words who decided. */
export interface HostAnswer {
  readonly verdict: "allow" | "deny";
  readonly rule: string;
}

/**
 * Asks about a host. Requests for a host that is being asked about wait for that answer; whoever answers remembers what
 * is to hold longer. Rejecting counts as a refusal.
 */
export type AskAboutHost = (
  question: HostQuestion,
  options: { readonly signal: AbortSignal },
) => Promise<HostAnswer>;

/** Hears of a decision and of the label of the command that it is about. */
export type OnDecision = (decision: ProxyDecision, origin: string | null) => void;

export interface GateOptions {
  readonly rules: CompiledRules;
  readonly ask?: AskAboutHost | undefined;
  readonly resolve: Resolve;
  readonly reserved: AddressCheck;
  /** Called before anything is connected. When it throws, the request is refused. */
  readonly onDecision: OnDecision;
  /** Ends questions, which outlive the connection that made them necessary. */
  readonly signal: AbortSignal;
}

/** `addresses` were checked and are the only ones to connect to. `message` is for the client. */
export type GateAnswer =
  | {
      readonly kind: "allow";
      readonly host: Host;
      readonly port: number;
      readonly addresses: readonly string[];
    }
  | { readonly kind: "deny"; readonly cause: "rules" | "unresolved"; readonly message: string };

/** What a command wants to reach. `host` is as it was written; `origin` is the label of the command. */
export interface GateRequest {
  readonly host: string;
  readonly port: number;
  readonly method: ProxyMethod;
  readonly origin: string | null;
  /** Ends looking up names. */
  readonly signal: AbortSignal;
}

/** What a rule opens that names exactly one address, or `localhost`, and a port. Never metadata or link-local ranges. */
const NAMED_LOCAL: ReadonlySet<string> = new Set(["loopback", "private"]);
const UNANSWERED: HostAnswer = { verdict: "deny", rule: "the user did not allow it" };
const MOST_ADDRESSES = 20;
/** A command must not be able to bury the user in questions. */
const MOST_OPEN_QUESTIONS = 8;

/** Decides about hosts, by name and by every address the name has at that moment. */
export class Gate {
  readonly #options: GateOptions;
  readonly #open = new Map<string, Promise<HostAnswer>>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  async decide(request: GateRequest): Promise<GateAnswer> {
    const { port, method, origin, signal } = request;
    const reading = readHost(request.host);
    if (reading.kind === "refused") {
      const host = printable(request.host);
      return this.#deny({ host, port, method, address: null, rule: reading.reason }, origin);
    }
    const { host } = reading;
    const known = { host: host.text, port, method };
    const permission = await this.#permission(host, known, origin);
    if (permission.verdict === "deny") {
      return this.#deny({ ...known, address: null, rule: permission.rule }, origin);
    }
    const addresses = await this.#addresses(host, signal);
    if (addresses === undefined) {
      return this.#deny({ ...known, address: null, rule: "it has no address" }, origin, "unresolved");
    }
    // One bad address spoils all: a name that points both outside and inside is made to mislead.
    for (const address of addresses) {
      const reserved = this.#options.reserved(address);
      if (reserved === undefined || (permission.local && NAMED_LOCAL.has(reserved))) continue;
      return this.#deny({ ...known, address, rule: `its address is not public (${reserved})` }, origin);
    }
    const [address = null] = addresses;
    const allowed = { ...known, address, verdict: "allow", rule: permission.rule } as const;
    return this.#report(allowed, origin) ?? { kind: "allow", host, port, addresses };
  }

  async #permission(
    host: Host,
    { port, method }: Pick<ProxyDecision, "port" | "method">,
    origin: string | null,
  ): Promise<HostAnswer & { local: boolean }> {
    const answer = this.#options.rules.match(host, port);
    if (answer.kind === "allow") return { verdict: "allow", rule: answer.rule, local: answer.local };
    const deny = (rule: string) => ({ verdict: "deny", rule, local: false }) as const;
    if (answer.kind === "deny") return deny(answer.rule);
    const place = networkPlace(host.text, port);
    if (!this.#options.ask)
      return deny(place.endsWith(`:${port}`) ? `no rule allows port ${port}` : "no rule allows it");
    const inside = host.text === "localhost" ? "loopback" : this.#reserved(host);
    // A question could not open it, and the rule that an answer would save must not either.
    if (inside !== undefined) return deny(`no rule allows it, and its address is not public (${inside})`);
    if (!this.#open.has(place) && this.#open.size >= MOST_OPEN_QUESTIONS) {
      return deny("too many hosts wait for the user's answer already");
    }
    return { ...(await this.#ask(place, { host: host.text, port, method, origin })), local: false };
  }

  #reserved(host: Host): string | undefined {
    return host.kind === "address" ? this.#options.reserved(host.text) : undefined;
  }

  /** One question at a time about a place. */
  async #ask(place: string, question: HostQuestion): Promise<HostAnswer> {
    const { ask, signal } = this.#options;
    const pending = this.#open.get(place) ?? ask?.(question, { signal });
    if (pending === undefined) return UNANSWERED;
    this.#open.set(place, pending);
    try {
      const { verdict, rule } = await pending;
      return verdict === "allow" ? { verdict, rule } : { verdict: "deny", rule };
    } catch {
      // Nobody answered: refused now, and asked again next time.
      return UNANSWERED;
    } finally {
      if (this.#open.get(place) === pending) this.#open.delete(place);
    }
  }

  async #addresses(host: Host, signal: AbortSignal): Promise<readonly string[] | undefined> {
    if (host.kind === "address") return [host.text];
    try {
      const found = await this.#options.resolve(host.text, signal);
      return found.length > 0 && found.length <= MOST_ADDRESSES ? found : undefined;
    } catch {
      // No such name, or no name server: the same to the client.
      return undefined;
    }
  }

  #deny(
    decision: Omit<ProxyDecision, "verdict">,
    origin: string | null,
    cause: "rules" | "unresolved" = "rules",
  ): GateAnswer {
    const unrecorded = this.#report({ ...decision, verdict: "deny" }, origin);
    const place = formatAuthority(decision.host, decision.port);
    return (
      unrecorded ?? {
        kind: "deny",
        cause,
        message: `${place} was not contacted: ${decision.rule}. Ask the user to allow the host, or do without it.`,
      }
    );
  }

  #report(decision: ProxyDecision, origin: string | null): GateAnswer | undefined {
    try {
      this.#options.onDecision(decision, origin);
      return undefined;
    } catch {
      // What cannot be recorded does not happen.
      return {
        kind: "deny",
        cause: "rules",
        message: "The decision could not be recorded, so nothing was contacted.",
      };
    }
  }
}

function printable(text: string): string {
  return text.slice(0, 255).replace(/[^\x21-\x7e]/g, "?");
}

/** The form in which `node:net` takes addresses. */
export function lookupEntries(addresses: readonly string[]): { address: string; family: 4 | 6 }[] {
  return addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
}
