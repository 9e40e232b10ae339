import { type Host, readHost } from "./host-name.ts";

/**
 * Which hosts commands may reach. A pattern is `example.com`, `*.example.com` (everything below it, not itself),
 * `*` or an address, each with an optional `:port` or `:*`; without one the ports 80 and 443 are meant. Loopback and
 * private addresses are reached only by a rule with exactly that address, or `localhost`, and a port.
 */
export interface ProxyRules {
  readonly allow: readonly string[];
  /** Wins over `allow` and over what the user is asked; without a port it means every port. */
  readonly deny?: readonly string[];
  readonly credentials?: readonly HostCredential[];
}

/**
 * Headers that the proxy adds so that a command uses a secret without seeing it. They go out only on requests for
 * `http://HOST/`, which the proxy sends on as HTTPS with verified certificates. The HTTPS port has to be allowed as well.
 */
export interface HostCredential {
  /** A name without wildcard and port. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Where the host speaks HTTPS; 443 unless given. */
  readonly port?: number;
}

/** What the rules say of one host and port. `rule` is for people and logs. */
export type RuleAnswer =
  | { readonly kind: "deny"; readonly rule: string }
  /** `local`: the rule names exactly this address, or `localhost`, and this port, so it may be one of this machine. */
  | { readonly kind: "allow"; readonly rule: string; readonly local: boolean }
  | { readonly kind: "unnamed" };

export interface CompiledRules {
  match(host: Host, port: number): RuleAnswer;
  /** Undefined for a host without credential. */
  credential(host: Host): CompiledCredential | undefined;
}

export interface CompiledCredential {
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly port: number;
}

const DEFAULT_PORTS: readonly number[] = [80, 443];

interface Pattern {
  readonly source: string;
  readonly local: boolean;
  matches(host: Host, port: number): boolean;
}

/** Rules ready for use, or what is wrong with them, one sentence each. */
export function compileRules(
  rules: ProxyRules,
):
  | { readonly kind: "compiled"; readonly rules: CompiledRules }
  | { readonly kind: "invalid"; readonly problems: string[] } {
  const problems: string[] = [];
  const compile = (sources: readonly string[], everyPort: boolean): Pattern[] =>
    sources.flatMap((source) => {
      const pattern = compilePattern(source, everyPort);
      if (typeof pattern !== "string") return pattern;
      problems.push(`the network rule ${JSON.stringify(source.slice(0, 100))} is not usable: ${pattern}`);
      return [];
    });
  // A rule that names this very address says more than a pattern that happens to match it.
  const allow = compile(rules.allow, false).sort((one, other) => Number(other.local) - Number(one.local));
  const deny = compile(rules.deny ?? [], true);
  const credentials = new Map<string, CompiledCredential>();
  for (const credential of rules.credentials ?? []) {
    const problem = addCredential(credentials, credential);
    if (problem) problems.push(problem);
  }
  if (problems.length > 0) return { kind: "invalid", problems };
  return {
    kind: "compiled",
    rules: {
      match(host, port) {
        const denied = deny.find((pattern) => pattern.matches(host, port));
        if (denied) return { kind: "deny", rule: `deny ${denied.source}` };
        const allowed = allow.find((pattern) => pattern.matches(host, port));
        if (allowed) return { kind: "allow", rule: `allow ${allowed.source}`, local: allowed.local };
        return { kind: "unnamed" };
      },
      credential: (host) => (host.kind === "name" ? credentials.get(host.text) : undefined),
    },
  };
}

/** A text says what is wrong. */
function compilePattern(source: string, everyPort: boolean): Pattern | string {
  const [, hostPart = "", portPart] = source.trim().match(/^(\[[^\]]*\]|[^:]*)(?::(\*|\d{1,5}))?$/) ?? [];
  const port = portPart === undefined || portPart === "*" ? undefined : Number(portPart);
  if (port !== undefined && (port < 1 || port > 65_535)) return "a port is a number from 1 to 65535";
  const fits = (candidate: number): boolean => {
    if (port !== undefined) return candidate === port;
    return portPart === "*" || everyPort || DEFAULT_PORTS.includes(candidate);
  };
  if (hostPart === "*") return { source, local: false, matches: (_host, candidate) => fits(candidate) };
  const wildcard = hostPart.startsWith("*.");
  const reading = readHost(wildcard ? hostPart.slice(2) : hostPart);
  if (reading.kind === "refused") return `${reading.reason}; write example.com, *.example.com or an address`;
  const { kind, text } = reading.host;
  if (wildcard && kind === "address") return "an address takes no wildcard";
  return {
    source,
    local: !wildcard && port !== undefined && (kind === "address" || text === "localhost"),
    matches: (host, candidate) =>
      host.kind === kind &&
      fits(candidate) &&
      (wildcard ? host.text.endsWith(`.${text}`) : host.text === text),
  };
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]+$/;
/** They steer the connection, not the request. */
const NOT_INJECTABLE =
  /^(?:host|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|proxy-.*)$/i;

/** Never quotes a header's value. */
function addCredential(
  all: Map<string, CompiledCredential>,
  { host, headers, port = 443 }: HostCredential,
): string | undefined {
  const reading = readHost(host);
  const where = `the credential for ${JSON.stringify(host.slice(0, 100))}`;
  if (reading.kind === "refused" || reading.host.kind === "address") {
    return `${where} is not usable: it needs a host name without wildcard and port`;
  }
  const bad = Object.entries(headers).find(
    ([name, value]) => !HEADER_NAME.test(name) || NOT_INJECTABLE.test(name) || !HEADER_VALUE.test(value),
  );
  if (bad || Object.keys(headers).length === 0) {
    return `${where} is not usable: ${bad ? `the header ${JSON.stringify(bad[0])} cannot be set` : "it has no headers"}`;
  }
  if (all.has(reading.host.text)) return `${where} is given twice`;
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    return `${where} is not usable: its port is no port`;
  all.set(reading.host.text, {
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    port,
  });
  return undefined;
}
