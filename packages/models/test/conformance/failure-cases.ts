import { delivered, type Fault, fault, type Step, says } from "@quire/test-support";
import { describe, expect, test } from "vitest";
import { afterRetries, collect, outline, textOf } from "../calls.ts";
import { type ConformanceSubject, SECRET, starter } from "./subject.ts";

/** What goes wrong, and what becomes of it. */
export function failureCases(name: string, subject: ConformanceSubject): void {
  const start = starter(subject);

  describe(`${name}: failures`, () => {
    const passing: readonly (readonly [string, Fault, string])[] = [
      ["429", { status: 429, retryAfter: 0 }, "model_rate_limited"],
      ["500", { status: 500 }, "model_server_error"],
      ["502", { status: 502, body: "<html><h1>Bad gateway</h1></html>" }, "model_server_error"],
      ["503", { status: 503 }, "model_overloaded"],
      ["529", { status: 529 }, "model_overloaded"],
      ["a connection dropped before the answer", { drop: "before" }, "model_unreachable"],
      ["a connection dropped in the middle", { drop: "midway" }, "model_stream_cut"],
      ["an answer that ends too early", { truncate: true }, "model_stream_cut"],
      ["broken events", { malformed: true }, "model_stream_malformed"],
      ["a page instead of a stream", { html: true }, "model_stream_malformed"],
    ];
    test.each(passing)("%s is retried once and the result is whole", async (_name, what, code) => {
      await using run = await start([fault(what), says("All of it.")]);
      const events = await collect(run.client);
      expect(outline(events)).toEqual([`retrying ${code}`, "done message All of it.", "completed"]);
      expect(textOf(afterRetries(events))).toBe("All of it.");
      expect(run.server.requests).toHaveLength(2);
      expect(run.server.requests[1]?.raw).toEqual(run.server.requests[0]?.raw);
    });

    const final: readonly (readonly [string, Fault, string])[] = [
      ["401", { status: 401, code: "invalid_api_key", message: `bad key ${SECRET}` }, "model_unauthorized"],
      ["403", { status: 403, code: "", message: "not in your region" }, "model_unauthorized"],
      ["404", { status: 404, code: "model_not_found", message: "no such model" }, "model_not_found"],
      ["400", { status: 400, code: "invalid_value", message: "tools[0] is wrong" }, "model_bad_request"],
    ];
    test.each(final)(
      "%s is final and carries the server's words, never the key",
      async (_name, what, code) => {
        await using run = await start([fault(what)], {}, { afterwards: says("never") });
        const events = await collect(run.client);
        expect(outline(events)).toEqual([`failed ${code}`]);
        expect(run.server.requests).toHaveLength(1);
        expect(JSON.stringify(events)).not.toContain(SECRET);
        const said = "message" in what ? (what.message ?? "").replace(SECRET, "[redacted]") : "";
        expect(JSON.stringify(events)).toContain(said);
      },
    );

    test("the budget bounds the requests of one call, whatever mixture of faults comes", async () => {
      const storm: Step[] = [
        fault({ status: 500 }),
        fault({ drop: "midway" }),
        fault({ status: 529 }),
        fault({ truncate: true }),
        fault({ malformed: true }),
      ];
      await using run = await start(storm, {}, { afterwards: fault({ drop: "midway" }) });
      const events = await collect(run.client);
      expect(outline(events)).toEqual([
        "retrying model_server_error",
        "retrying model_stream_cut",
        "retrying model_overloaded",
        "retrying model_stream_cut",
        "retrying model_stream_malformed",
        "failed model_stream_cut",
      ]);
      expect(run.server.requests).toHaveLength(6);
      expect(run.waits).toHaveLength(5);
    });

    test("the time that the endpoint asks for is waited, as seconds and as a date", async () => {
      const soon = new Date(Date.now() + 20_000).toUTCString();
      await using run = await start([
        fault({ status: 429, retryAfter: 7 }),
        fault({ status: 503, retryAfter: soon }),
        says("At last."),
      ]);
      const events = await collect(run.client);
      expect(textOf(events)).toBe("At last.");
      const [seconds = 0, date = 0] = run.waits;
      expect(seconds).toBeGreaterThanOrEqual(7_000);
      expect(seconds).toBeLessThanOrEqual(8_000);
      expect(date).toBeGreaterThan(15_000);
      expect(date).toBeLessThanOrEqual(21_000);
      const told = events.flatMap((event) => (event.type === "retrying" ? [event.delayMs] : []));
      expect(told).toEqual(run.waits);
    });

    test("a time that is longer than a call may wait ends the call and says until when", async () => {
      await using run = await start([fault({ status: 429, retryAfter: 3_600 })]);
      const before = Math.floor(Date.now() / 1_000);
      const events = await collect(run.client);
      expect(events).toMatchObject([
        { type: "failed", error: { code: "model_rate_limited", retryable: true } },
      ]);
      const resetAt = events[0]?.type === "failed" ? events[0].error.reset_at : undefined;
      expect(resetAt).toBeGreaterThanOrEqual(before + 3_600);
      expect(run.waits).toEqual([]);
    });

    test("nobody listening is unreachable", async () => {
      await using run = await start([]);
      await run.server.close();
      const events = await collect(run.client);
      expect(events.at(-1)).toMatchObject({
        type: "failed",
        error: { code: "model_unreachable", retryable: true },
      });
      expect(events).toHaveLength(5);
    });

    const native: readonly (readonly [string, number, string, string, string])[] = [
      [
        "a long context",
        400,
        "invalid_request_error",
        "prompt is too long: 9 tokens > 8 maximum",
        "context_too_long",
      ],
      ["a long context, OpenAI", 400, "context_length_exceeded", "too long", "context_too_long"],
      [
        "a long context, llama.cpp",
        400,
        "exceed_context_size_error",
        "exceeds the available context size",
        "context_too_long",
      ],
      ["a large body", 413, "request_too_large", "too large", "context_too_long"],
      ["a used-up quota", 429, "insufficient_quota", "You exceeded your quota", "model_usage_limit"],
      ["no money", 400, "invalid_request_error", "Your credit balance is too low", "model_usage_limit"],
      ["402", 402, "billing_error", "pay first", "model_usage_limit"],
      ["a wrong key", 401, "authentication_error", "invalid x-api-key", "model_unauthorized"],
      ["no permission", 403, "permission_error", "not yours", "model_unauthorized"],
      ["an unknown model", 404, "not_found_error", "model: nope", "model_not_found"],
      ["422", 422, "invalid_request", "unknown field", "model_bad_request"],
    ];
    test.each(native)(
      "%s is final, in the words of this wire API",
      async (_name, status, type, message, code) => {
        const refused = fault({ status, body: subject.errorBody(type, message) });
        await using run = await start([refused], {}, { afterwards: says("never") });
        const events = await collect(run.client);
        expect(outline(events)).toEqual([`failed ${code}`]);
        expect(JSON.stringify(events)).toContain(message);
        expect(events[0]).toMatchObject({
          error: { http_status: status, next_step: expect.stringMatching(/./) },
        });
      },
    );

    const inside: readonly (readonly [string, string, string, boolean])[] = [
      ["a long context", "context_length_exceeded", "context_too_long", false],
      ["a used-up quota", "insufficient_quota", "model_usage_limit", false],
      ["a limit of rate", "rate_limit_exceeded", "model_rate_limited", true],
      ["an overloaded server", "overloaded_error", "model_overloaded", true],
      ["a broken server", "server_error", "model_server_error", true],
    ];
    test.each(inside)("%s that is told inside the stream", async (_name, said, code, again) => {
      const broken = says("Well", { outcome: { kind: "failed", code: said, message: "no" } });
      await using run = await start([broken, says("All of it.")]);
      const events = await collect(run.client);
      expect(outline(events).at(-1)).toBe(again ? "completed" : `failed ${code}`);
      if (again) expect(textOf(afterRetries(events))).toBe("All of it.");
      expect(outline(events)).toContain(again ? `retrying ${code}` : `failed ${code}`);
    });

    test("what the server says about trying again counts for more than the status", async () => {
      await using never = await start([fault({ status: 500, headers: { "x-should-retry": "false" } })]);
      expect(outline(await collect(never.client))).toEqual(["failed model_server_error"]);
      const again = fault({ status: 400, headers: { "x-should-retry": "true", "retry-after-ms": "40" } });
      await using run = await start([again, says("ok")]);
      expect(outline(await collect(run.client)).at(-1)).toBe("completed");
      expect(run.waits[0]).toBeGreaterThanOrEqual(40);
      expect(run.waits[0]).toBeLessThan(400);
    });

    test("a time to wait that stands only in the words is kept", async () => {
      const body = subject.errorBody("rate_limit_error", "Please try again in 1.5s.");
      await using run = await start([fault({ status: 429, body }), says("ok")]);
      expect(outline(await collect(run.client)).at(-1)).toBe("completed");
      expect(run.waits[0]).toBeGreaterThanOrEqual(1_500);
    });

    test.each(["drop", "reset", "end"] as const)(
      "a stream cut inside a character by %s is whole after a retry",
      async (how) => {
        await using run = await start([
          delivered(says("ä".repeat(2_000)), { cut: { atByte: 3_001, how } }),
          says("ä".repeat(2_000)),
        ]);
        const events = await collect(run.client);
        expect(outline(events)).toEqual([
          "retrying model_stream_cut",
          `done message ${"ä".repeat(2_000)}`,
          "completed",
        ]);
      },
    );

    test("no retries means none", async () => {
      const retries = { request: 0, stream: 0 };
      await using run = await start([fault({ status: 500 })], { retries });
      expect(outline(await collect(run.client))).toEqual(["failed model_server_error"]);
      await using cut = await start([fault({ drop: "midway" })], { retries });
      expect(outline(await collect(cut.client)).at(-1)).toBe("failed model_stream_cut");
    });
  });
}
