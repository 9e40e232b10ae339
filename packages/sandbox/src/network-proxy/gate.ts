import { isIPv6 } from "node:net";
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

/** Asks the user about a host that no rule names. The answer holds for the host as long as the proxy. */
export type AskAboutHost = (
  host: string,
  port: number,
  options: { readonly signal: AbortSignal },
) => Promise<"allow" | "deny">;

export interface GateOptions {
  readonly rules: CompiledRules;
  readonly ask?: AskAboutHost | undefined;
  readonly resolve: Resolve;
  readonly reserved: AddressCheck;
  /** Called before anything is connected. When it throws, the request is refused. */
  readonly onDecision: (decision: ProxyDecision) => void;
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

const MOST_ADDRESSES = 20;
/** A command must not be able to bury the user in questions. */
const MOST_OPEN_QUESTIONS = 8;

/** Decides about hosts, by name and by every address the name has at that moment. */
export class Gate {
  readonly #options: GateOptions;
  readonly #answers = new Map<string, Promise<"allow" | "deny">>();
  #openQuestions = 0;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  async decide(text: string, port: number, method: ProxyMethod, signal: AbortSignal): Promise<GateAnswer> {
    const reading = readHost(text);
    if (reading.kind === "refused") {
      return this.#deny({ host: printable(text), port, method, address: null, rule: reading.reason });
    }
    const { host } = reading;
    const known = { host: host.text, port, method };
    const permission = await this.#permission(host, port);
    if (permission.kind === "deny") return this.#deny({ ...known, address: null, rule: permission.rule });
    const addresses = await this.#addresses(host, signal);
    if (addresses === undefined) {
      return this.#deny({ ...known, address: null, rule: "it has no address" }, "unresolved");
    }
    // One bad address spoils all: a name that points both outside and inside is made to mislead.
    for (const address of addresses) {
      const reserved = this.#options.reserved(address);
      if (reserved !== undefined) {
        return this.#deny({ ...known, address, rule: `its address is not public (${reserved})` });
      }
    }
    const [address = null] = addresses;
    const unrecorded = this.#report({ ...known, address, verdict: "allow", rule: permission.rule });
    return unrecorded ?? { kind: "allow", host, port, addresses };
  }

  async #permission(host: Host, port: number): Promise<{ kind: "allow" | "deny"; rule: string }> {
    const answer = this.#options.rules.match(host, port);
    if (answer.kind !== "unnamed") return { kind: answer.kind, rule: answer.rule };
    if (!answer.askable) return { kind: "deny", rule: `no rule allows port ${port}` };
    if (!this.#options.ask) return { kind: "deny", rule: "no rule allows it" };
    if (!this.#answers.has(host.text) && this.#openQuestions >= MOST_OPEN_QUESTIONS) {
      return { kind: "deny", rule: "too many hosts wait for the user's answer already" };
    }
    const said = await this.#ask(host.text, port);
    return said === "allow"
      ? { kind: "allow", rule: "the user allowed it" }
      : { kind: "deny", rule: "the user did not allow it" };
  }

  /** One question at a time about a host, and no second one once it is answered. */
  async #ask(host: string, port: number): Promise<"allow" | "deny"> {
    const { ask, signal } = this.#options;
    if (!ask) return "deny";
    const pending = this.#answers.get(host) ?? this.#question(() => ask(host, port, { signal }));
    this.#answers.set(host, pending);
    try {
      return (await pending) === "allow" ? "allow" : "deny";
    } catch {
      // Nobody answered: refused now, and asked again next time.
      if (this.#answers.get(host) === pending) this.#answers.delete(host);
      return "deny";
    }
  }

  async #question(ask: () => Promise<"allow" | "deny">): Promise<"allow" | "deny"> {
    this.#openQuestions++;
    try {
      return await ask();
    } finally {
      this.#openQuestions--;
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

  #deny(decision: Omit<ProxyDecision, "verdict">, cause: "rules" | "unresolved" = "rules"): GateAnswer {
    const unrecorded = this.#report({ ...decision, verdict: "deny" });
    const place = formatAuthority(decision.host, decision.port);
    return (
      unrecorded ?? {
        kind: "deny",
        cause,
        message: `${place} was not contacted: ${decision.rule}. Ask the user to allow the host, or do without it.`,
      }
    );
  }

  #report(decision: ProxyDecision): GateAnswer | undefined {
    try {
      this.#options.onDecision(decision);
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
