import { fault, says } from "@quire/test-support";
import { describe, expect, test } from "vitest";
import { collect, outline } from "../calls.ts";
import { type ConformanceSubject, SECRET, starter } from "./subject.ts";

/** How a request reaches the endpoint. */
export function requestCases(name: string, subject: ConformanceSubject): void {
  const start = starter(subject);

  describe(`${name}: requests`, () => {
    test("calls of one client share a connection", async () => {
      await using run = await start([says("one"), says("two"), says("three")]);
      for (let n = 0; n < 3; n++) await collect(run.client);
      const ports = run.server.requests.map((request) => request.clientPort);
      expect(new Set(ports).size).toBe(1);
    });

    test("the key is sent in this wire API's header", async () => {
      await using run = await start([says("ok")]);
      await collect(run.client);
      const [header, value] = subject.keyHeader(SECRET);
      expect(run.server.requests[0]?.headers[header]).toBe(value);
    });

    test("without a key none is sent", async () => {
      await using run = await start([says("ok")], { auth: { kind: "none" } });
      await collect(run.client);
      expect(run.server.requests[0]?.headers).not.toHaveProperty(subject.keyHeader("")[0]);
    });

    test("configured headers and parameters are sent, and win", async () => {
      await using run = await start([says("ok")], {
        headers: { "X-Team": "blue", Accept: "x/y" },
        queryParams: { "api-version": "1" },
      });
      await collect(run.client);
      expect(run.server.requests[0]?.headers).toMatchObject({ "x-team": "blue", accept: "x/y" });
      expect(run.server.requests[0]?.path).toMatch(/\?api-version=1$/);
    });

    test("a slash at the end of the base URL changes nothing", async () => {
      await using run = await start([says("ok")]);
      await using other = await start([], { baseUrl: `${run.server.url}/` });
      expect(outline(await collect(other.client))).toEqual(["done message ok", "completed"]);
    });

    test("a key from a function is fetched for each try", async () => {
      let fetched = 0;
      const token = async (): Promise<string> => `key-number-${++fetched}`;
      const auth = { kind: "bearer", token, source: "X" } as const;
      await using run = await start([fault({ status: 500 }), says("ok")], { auth });
      await collect(run.client);
      expect(run.server.requests.map((request) => request.headers[subject.keyHeader("")[0]])).toEqual([
        subject.keyHeader("key-number-1")[1],
        subject.keyHeader("key-number-2")[1],
      ]);
    });

    test("a key that cannot be fetched is told with its origin, and nothing is sent", async () => {
      const token = async (): Promise<string> => {
        throw new Error("it exited with 3");
      };
      await using run = await start([], { auth: { kind: "bearer", token, source: "the command get-key" } });
      expect(await collect(run.client)).toMatchObject([
        { type: "failed", error: { code: "model_unauthorized", next_step: "Check the command get-key." } },
      ]);
      expect(run.server.requests).toHaveLength(0);
    });

    test("a redirect is not followed, so the key goes nowhere else", async () => {
      await using other = await start([says("stolen")]);
      const moved = fault({ status: 302, headers: { location: `${other.server.url}/elsewhere` } });
      await using run = await start([moved]);
      expect(outline(await collect(run.client))).toEqual(["failed model_bad_request"]);
      expect(other.server.requests).toHaveLength(0);
    });

    test("a configured header's value is taken out of error texts", async () => {
      const refused = fault({ status: 400, body: "you sent hidden-value-77" });
      await using run = await start([refused], { headers: { "X-Key": "hidden-value-77" } });
      const events = await collect(run.client);
      expect(JSON.stringify(events)).not.toContain("hidden-value-77");
      expect(JSON.stringify(events)).toContain("you sent [redacted]");
    });
  });
}
