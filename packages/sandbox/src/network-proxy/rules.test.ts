import { expect, test } from "vitest";
import { readHost } from "./host-name.ts";
import { compileRules, type ProxyRules } from "./rules.ts";

function answer(rules: ProxyRules, host: string, port: number): string {
  const compiled = compileRules(rules);
  const reading = readHost(host);
  if (compiled.kind === "invalid" || reading.kind === "refused") throw new Error("not usable");
  const found = compiled.rules.match(reading.host, port);
  return found.kind === "unnamed" ? "unnamed" : found.rule;
}

test.each<[ProxyRules, string, number, string]>([
  [{ allow: ["example.com"] }, "example.com", 443, "allow example.com"],
  [{ allow: ["EXAMPLE.com."] }, "example.com", 80, "allow EXAMPLE.com."],
  [{ allow: ["example.com"] }, "example.com", 22, "unnamed"],
  [{ allow: ["example.com"] }, "sub.example.com", 443, "unnamed"],
  [{ allow: ["example.com"] }, "notexample.com", 443, "unnamed"],
  [{ allow: ["example.com"] }, "exаmple.com", 443, "unnamed"],
  [{ allow: ["*.example.com"] }, "a.b.example.com", 443, "allow *.example.com"],
  [{ allow: ["*.example.com"] }, "example.com", 443, "unnamed"],
  [{ allow: ["*.example.com"] }, "evil-example.com", 443, "unnamed"],
  [{ allow: ["example.com:22"] }, "example.com", 22, "allow example.com:22"],
  [{ allow: ["example.com:22"] }, "example.com", 443, "unnamed"],
  [{ allow: ["example.com:*"] }, "example.com", 5432, "allow example.com:*"],
  [{ allow: ["*"] }, "anything.example", 443, "allow *"],
  [{ allow: ["*"] }, "anything.example", 25, "unnamed"],
  [{ allow: ["[2606:4700:0::1]:8080"] }, "2606:4700::1", 8080, "allow [2606:4700:0::1]:8080"],
  [{ allow: ["1.1.1.1"] }, "1.1.1.1", 443, "allow 1.1.1.1"],
  [{ allow: ["*"], deny: ["*.evil.com"] }, "x.evil.com", 443, "deny *.evil.com"],
  [{ allow: ["example.com:9"], deny: ["example.com"] }, "example.com", 9, "deny example.com"],
  [{ allow: ["example.com:*"], deny: ["example.com:25"] }, "example.com", 26, "allow example.com:*"],
])("%j decides %s:%i", (rules, host, port, expected) => {
  expect(answer(rules, host, port)).toBe(expected);
});

test("every unusable rule is reported, and no secret is quoted", () => {
  const compiled = compileRules({
    allow: ["a.*.com", "127.1", "*.1.1.1.1", "x:99999", "http://a.com", ""],
    deny: ["a b"],
    credentials: [
      { host: "*.a.com", headers: { a: "s3cret-1" } },
      { host: "a.com", headers: { "Content-Length": "s3cret-2" } },
      { host: "b.com", headers: { a: "s3cret-3\r\nHost: c" } },
      { host: "c.com", headers: {} },
    ],
  });
  expect(compiled.kind === "invalid" && compiled.problems.length).toBe(11);
  expect(JSON.stringify(compiled)).not.toContain("s3cret");
});

test("only an exact address, or localhost, with a port opens what is local", () => {
  const compiled = compileRules({
    allow: [
      "*:8080",
      "127.0.0.1:8080",
      "10.0.0.1",
      "192.168.0.1:*",
      "localhost:3000",
      "*.localhost:3000",
      "*:9",
    ],
  });
  if (compiled.kind !== "compiled") throw new Error("the rules are usable");
  const local = (kind: "name" | "address", text: string, port: number) => {
    const answer = compiled.rules.match({ kind, text }, port);
    return answer.kind === "allow" ? answer.local : answer.kind;
  };
  expect([
    local("address", "127.0.0.1", 8080),
    local("name", "localhost", 3000),
    local("address", "10.0.0.1", 80),
    local("address", "192.168.0.1", 22),
    local("name", "a.localhost", 3000),
    local("address", "127.0.0.1", 9),
    local("address", "127.0.0.1", 8081),
  ]).toEqual([true, true, false, false, false, false, "unnamed"]);
});
