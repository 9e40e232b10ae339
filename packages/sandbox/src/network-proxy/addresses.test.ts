import fc from "fast-check";
import { expect, test } from "vitest";
import { reservedAddress } from "./addresses.ts";

test.each([
  ["0.0.0.0", "unspecified"],
  ["10.255.255.255", "private"],
  ["100.64.0.1", "carrier-grade NAT"],
  ["100.127.255.255", "carrier-grade NAT"],
  ["127.0.0.1", "loopback"],
  ["127.255.255.255", "loopback"],
  ["168.63.129.16", "cloud metadata"],
  ["169.254.169.254", "link-local or cloud metadata"],
  ["172.16.0.1", "private"],
  ["172.31.255.255", "private"],
  ["192.0.0.192", "reserved"],
  ["192.88.99.1", "6to4 relay"],
  ["192.168.1.1", "private"],
  ["198.19.0.1", "benchmarking"],
  ["203.0.113.5", "documentation"],
  ["224.0.0.1", "multicast"],
  ["255.255.255.255", "reserved or broadcast"],
  ["::", "unspecified"],
  ["::1", "loopback"],
  ["::7f00:1", "IPv4-compatible"],
  ["::127.0.0.1", "IPv4-compatible"],
  ["::ffff:8.8.8.8", "IPv4-mapped"],
  ["::ffff:7f00:1", "IPv4-mapped"],
  ["64:ff9b::8.8.8.8", "NAT64"],
  ["64:ff9b:1::1", "NAT64"],
  ["100::1", "discard"],
  ["2001::1", "Teredo or reserved"],
  ["2001:db8::1", "documentation"],
  ["2002:7f00:1::", "6to4"],
  ["3fff::1", "documentation"],
  ["fc00::1", "private or cloud metadata"],
  ["fd00:ec2::254", "private or cloud metadata"],
  ["fe80::1", "link-local"],
  ["fe80::1%eth0", "not an address"],
  ["fec0::1", "site-local"],
  ["ff02::1", "multicast"],
  ["4000::1", "reserved"],
  ["localhost", "not an address"],
  ["127.1", "not an address"],
  ["", "not an address"],
])("%s is refused: %s", (address, name) => {
  expect(reservedAddress(address)).toBe(name);
});

test.each([
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "192.167.255.255",
  "198.17.255.255",
  "223.255.255.255",
  "2606:4700::1111",
  "2001:4860:4860::8888",
  "2a00::1.2.3.4",
])("%s is public", (address) => {
  expect(reservedAddress(address)).toBeUndefined();
});

test("an IPv4 address inside an IPv6 one is never public", () => {
  const address = fc.ipV4();
  const prefix = fc.constantFrom("::", "::ffff:", "64:ff9b::", "::ffff:0:");
  fc.assert(
    fc.property(prefix, address, (before, ipv4) => {
      expect(reservedAddress(`${before}${ipv4}`)).toBeDefined();
    }),
  );
});

test("the spelling of an IPv6 address does not matter", () => {
  const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(groups, (values) => {
      const long = values.map((value) => value.toString(16).padStart(4, "0").toUpperCase()).join(":");
      const canonical = new URL(`http://[${long}]`).hostname.slice(1, -1);
      expect(reservedAddress(long)).toBe(reservedAddress(canonical));
    }),
  );
});
