import { isIPv4, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";

/** A host as it is decided about: a lower-case ASCII name without a final dot, or a canonical address. */
export type Host =
  | { readonly kind: "name"; readonly text: string }
  | { readonly kind: "address"; readonly text: string };

export type HostReading =
  | { readonly kind: "host"; readonly host: Host }
  | { readonly kind: "refused"; readonly reason: string };

const LONGEST_NAME = 253;
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
/** Every label must be a name: the last of a real one is never a number, and the first two are how `0x7f.1` begins. */
const NUMERIC_LABEL = /^(?:\d+|0x[0-9a-f]*)$/;

/**
 * Reads a host as a request names it. International names become what DNS would be asked for, so that look-alikes
 * differ from what they look like. Spellings that some programs take for an address and others for a name are refused.
 */
export function readHost(text: string): HostReading {
  if (text.startsWith("[") && text.endsWith("]")) return readIPv6(text.slice(1, -1));
  if (text.includes(":")) return readIPv6(text);
  if (isIPv4(text)) return { kind: "host", host: { kind: "address", text } };
  if (text === "" || /[\0-\x20\x7f%/\\?#@<>^|[\]]/.test(text)) return refused("it is not a host name");
  const ascii = domainToASCII(text).toLowerCase();
  const name = ascii.endsWith(".") ? ascii.slice(0, -1) : ascii;
  const labels = name.split(".");
  if (NUMERIC_LABEL.test(labels.at(-1) ?? "")) return refused("it is an unusual spelling of an address");
  if (name.length > LONGEST_NAME || !labels.every((label) => LABEL.test(label))) {
    return refused("it is not a host name");
  }
  return { kind: "host", host: { kind: "name", text: name } };
}

function readIPv6(text: string): HostReading {
  if (!isIPv6(text) || text.includes("%")) return refused("it is not an address");
  const canonical = new URL(`http://[${text}]`).hostname.slice(1, -1);
  return { kind: "host", host: { kind: "address", text: canonical } };
}

function refused(reason: string): HostReading {
  return { kind: "refused", reason };
}

export interface Authority {
  readonly host: string;
  readonly port: number | undefined;
}

/** Splits `host:port`, `[address]:port` or a host alone; undefined when it is something else. */
export function splitAuthority(text: string): Authority | undefined {
  const [, host, digits] = text.match(/^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/) ?? [];
  if (!host) return undefined;
  const port = digits === undefined ? undefined : Number(digits);
  return port === undefined || (port > 0 && port < 65_536) ? { host, port } : undefined;
}

/** How a host and port are shown and written in rules. */
export function formatAuthority(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
