import fc from "fast-check";
import { expect, test } from "vitest";
import { readHost, splitAuthority } from "./host-name.ts";

test.each([
  ["Example.COM", "name", "example.com"],
  ["example.com.", "name", "example.com"],
  ["a_b.example.com", "name", "a_b.example.com"],
  ["exаmple.com", "name", "xn--exmple-4nf.com"],
  ["ｅxample。com", "name", "example.com"],
  ["bücher.example", "name", "xn--bcher-kva.example"],
  ["localhost", "name", "localhost"],
  ["93.184.216.34", "address", "93.184.216.34"],
  ["[2606:4700:0:0::1111]", "address", "2606:4700::1111"],
  ["2606:4700::1111", "address", "2606:4700::1111"],
  ["[::ffff:127.0.0.1]", "address", "::ffff:7f00:1"],
])("%s is the %s %s", (text, kind, canonical) => {
  expect(readHost(text)).toEqual({ kind: "host", host: { kind, text: canonical } });
});

test.each([
  "127.1",
  "2130706433",
  "0x7f000001",
  "0x7f.1",
  "0x7F.0.0.0x1",
  "0177.0.0.1",
  "127.0.0.01",
  "127.0.0.1.",
  "1.2.3",
  "1.2.3.4.5",
  "１２７.0.0.1",
  "127。0。0。1",
  "example.0x1",
])("%s is an unusual spelling of an address", (text) => {
  expect(readHost(text)).toEqual({ kind: "refused", reason: expect.stringMatching(/address|host name/) });
});

test.each([
  "",
  ".",
  "example.com..",
  ".example.com",
  "a..b",
  "-a.com",
  "a-.com",
  "user@example.com",
  "example.com/x",
  "example.com\\x",
  "exa mple.com",
  "example.com\0.evil.com",
  "example.com\r\nx",
  "%65xample.com",
  "*.example.com",
  `${"a".repeat(64)}.com`,
  `${"a.".repeat(130)}com`,
  "[::1%25eth0]",
  "[::1",
  "::g",
])("%j is no host", (text) => {
  expect(readHost(text).kind).toBe("refused");
});

test("what is accepted is plain ASCII and reads as itself", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "grapheme" }), fc.webAuthority(), fc.domain()), (text) => {
      const reading = readHost(text);
      if (reading.kind === "refused") return;
      expect(reading.host.text).toMatch(/^[a-z0-9._:-]+$/);
      expect(readHost(reading.host.text)).toEqual(reading);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ["a:1", { host: "a", port: 1 }],
  ["a", { host: "a", port: undefined }],
  ["[::1]:65535", { host: "[::1]", port: 65535 }],
  ["a:0", undefined],
  ["a:65536", undefined],
  ["a:b", undefined],
  ["a:1:2", undefined],
  [":80", undefined],
])("%s is taken apart", (text, parts) => {
  expect(splitAuthority(text)).toEqual(parts);
});
