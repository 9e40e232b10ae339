import { expect, test } from "vitest";
import { guessDenials } from "./denials.ts";

const failed = { kind: "exited", code: 1 } as const;

test.each([
  ["touch: cannot touch '/etc/x': Read-only file system", { kind: "write", path: "/etc/x" }],
  ["Error: EROFS: read-only file system, open '/a b/c'", { kind: "write", path: "/a" }],
  ["curl: (6) Could not resolve host: example.com", { kind: "network" }],
  ["curl: (56) CONNECT tunnel failed, response 403", { kind: "network" }],
  ["curl: (56) Received HTTP code 403 from proxy after CONNECT", { kind: "network" }],
  ["example.com:80 was not contacted: no rule allows it.", { kind: "network" }],
  ["Error: getaddrinfo EAI_AGAIN registry.npmjs.org", { kind: "network" }],
  ["bash: fork: retry: Resource temporarily unavailable", { kind: "process-limit" }],
  ["cat: /home/me/.ssh/id: Permission denied", { kind: "read", path: "/home/me/.ssh/id" }],
  ["strace: test_ptrace: Operation not permitted", { kind: "system-call" }],
])("%s", (line, expected) => {
  expect(guessDenials(failed, `before\n${line}\nafter`, ["/srv"])).toEqual([{ ...expected, evidence: line }]);
});

test("a success denies nothing, whatever it prints", () => {
  expect(guessDenials({ kind: "exited", code: 0 }, "x: Permission denied", [])).toEqual([]);
});

test("permission errors inside a writable folder are the program's own", () => {
  expect(guessDenials(failed, "cat: /srv/locked: Permission denied", ["/srv"])).toEqual([]);
});

test("hitting the file size limit is known by its signal", () => {
  expect(guessDenials({ kind: "signaled", signal: "SIGXFSZ" }, "", [])).toMatchObject([
    { kind: "file-size" },
  ]);
});

test("at most five, each once", () => {
  const lines = Array.from({ length: 20 }, (_, index) => `x: /d${index}: Read-only file system`);
  expect(guessDenials(failed, [...lines, ...lines].join("\n"), [])).toHaveLength(5);
});
