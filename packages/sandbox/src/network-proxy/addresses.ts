import { isIPv4, isIPv6 } from "node:net";

/** Why the proxy never connects to an address; undefined for one on the public internet. */
export type AddressCheck = (address: string) => string | undefined;

type Range = readonly [address: string, bits: number, name: string];

/** What IANA set aside, and an address at which a cloud answers its machines. */
const RESERVED_IPV4: readonly Range[] = [
  ["0.0.0.0", 8, "unspecified"],
  ["10.0.0.0", 8, "private"],
  ["100.64.0.0", 10, "carrier-grade NAT"],
  ["127.0.0.0", 8, "loopback"],
  ["168.63.129.16", 32, "cloud metadata"],
  ["169.254.0.0", 16, "link-local or cloud metadata"],
  ["172.16.0.0", 12, "private"],
  ["192.0.0.0", 24, "reserved"],
  ["192.0.2.0", 24, "documentation"],
  ["192.31.196.0", 24, "reserved"],
  ["192.52.193.0", 24, "reserved"],
  ["192.88.99.0", 24, "6to4 relay"],
  ["192.168.0.0", 16, "private"],
  ["192.175.48.0", 24, "reserved"],
  ["198.18.0.0", 15, "benchmarking"],
  ["198.51.100.0", 24, "documentation"],
  ["203.0.113.0", 24, "documentation"],
  ["224.0.0.0", 4, "multicast"],
  ["240.0.0.0", 4, "reserved or broadcast"],
];

/** Named for the message; whatever is not global unicast (2000::/3) is refused anyway. */
const RESERVED_IPV6: readonly Range[] = [
  ["::", 128, "unspecified"],
  ["::1", 128, "loopback"],
  ["::", 96, "IPv4-compatible"],
  ["::ffff:0:0", 96, "IPv4-mapped"],
  ["64:ff9b::", 96, "NAT64"],
  ["64:ff9b:1::", 48, "NAT64"],
  ["100::", 64, "discard"],
  ["2001::", 23, "Teredo or reserved"],
  ["2001:db8::", 32, "documentation"],
  ["2002::", 16, "6to4"],
  ["2620:4f:8000::", 48, "reserved"],
  ["3fff::", 20, "documentation"],
  ["fc00::", 7, "private or cloud metadata"],
  ["fe80::", 10, "link-local"],
  ["fec0::", 10, "site-local"],
  ["ff00::", 8, "multicast"],
];

const GLOBAL_UNICAST: Range = ["2000::", 3, "global unicast"];

/** The address check of a real proxy. Takes canonical and other spellings; what is no address is refused as well. */
export const reservedAddress: AddressCheck = (address) => {
  if (isIPv4(address)) return RESERVED_IPV4.find((range) => within(address, range, ipv4Bytes))?.[2];
  if (!isIPv6(address) || address.includes("%")) return "not an address";
  const reserved = RESERVED_IPV6.find((range) => within(address, range, ipv6Bytes));
  if (reserved) return reserved[2];
  return within(address, GLOBAL_UNICAST, ipv6Bytes) ? undefined : "reserved";
};

function within(
  address: string,
  [start, bits]: Range,
  toBytes: (text: string) => readonly number[],
): boolean {
  const one = toBytes(address);
  const other = toBytes(start);
  for (let at = 0; at * 8 < bits; at++) {
    const mask = bits - at * 8 >= 8 ? 0xff : 0xff & (0xff << (8 - (bits - at * 8)));
    if (((one[at] ?? 0) & mask) !== ((other[at] ?? 0) & mask)) return false;
  }
  return true;
}

function ipv4Bytes(address: string): number[] {
  return address.split(".").map(Number);
}

/** Of a text that `isIPv6` accepts. */
function ipv6Bytes(address: string): number[] {
  const tail = address.slice(address.lastIndexOf(":") + 1);
  const plain = tail.includes(".")
    ? address.slice(0, -tail.length) + hexadecimalGroups(ipv4Bytes(tail))
    : address;
  const [head = "", rest] = plain.split("::");
  const before = head.split(":").filter(Boolean);
  const after = (rest ?? "").split(":").filter(Boolean);
  const zeros = rest === undefined ? [] : Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function hexadecimalGroups([a = 0, b = 0, c = 0, d = 0]: readonly number[]): string {
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}
