import { fault, type Step, says } from "@quire/test-support";
import { describe, expect, test } from "vitest";
import type { EndpointOptions } from "../../src/endpoint.ts";
import type { ModelEvent } from "../../src/model-client.ts";
import { collect, outline, request } from "../calls.ts";
import { processDeps } from "../process-deps.ts";
import { CANCEL_MS, type ConformanceSubject, starter } from "./subject.ts";

/** Silence, and a caller who has enough. */
export function silenceCases(name: string, subject: ConformanceSubject): void {
  const start = starter(subject);

  describe(`${name}: silence and cancelling`, () => {
    test("silence is told of, and the call goes on when it ends", async () => {
      await using run = await start([fault({ stall: 400 })], { stallNoticeMs: 100 });
      const events = outline(await collect(run.client));
      expect(events).toContain("stalled");
      expect(events.at(-1)).toBe("completed");
    });

    test("silence without end is given up and tried again", async () => {
      await using run = await start([fault({ stall: 60_000 }), says("Back.")], { idleTimeoutMs: 800 });
      const events = await collect(run.client);
      expect(outline(events)).toEqual(["retrying model_stalled", "done message Back.", "completed"]);
    });

    test("a server that accepts and never answers is silence, too", async () => {
      const never = says("never", { delivery: { firstByteMs: 60_000 } });
      await using run = await start([never, says("Back.")], { idleTimeoutMs: 800, stallNoticeMs: 200 });
      const events = outline(await collect(run.client));
      expect(events[0]).toBe("stalled");
      // How often it is told of depends on the machine.
      expect(events.filter((line) => line !== "stalled")).toEqual([
        "retrying model_stalled",
        "done message Back.",
        "completed",
      ]);
    });

    const moments: readonly (readonly [string, Step, (event: ModelEvent) => boolean])[] = [
      ["before the answer", says("never", { delivery: { firstByteMs: 60_000 } }), () => false],
      ["in the middle of the answer", fault({ stall: 60_000 }), (event) => event.type === "text_delta"],
    ];
    test.each(moments)("cancelling %s ends the call and its connection", async (_name, step, isMoment) => {
      await using run = await start([step]);
      const stop = new AbortController();
      let cancelledAt = Number.NaN;
      const cancel = (): void => {
        if (stop.signal.aborted) return;
        cancelledAt = performance.now();
        stop.abort();
      };
      const arrived = run.server.arrived(1).then(() => setTimeout(cancel, 30));
      const events = await collect(
        run.client,
        {},
        { signal: stop.signal, each: (event) => isMoment(event) && cancel() },
      );
      expect(performance.now() - cancelledAt).toBeLessThan(CANCEL_MS);
      expect(outline(events).at(-1)).toBe("failed interrupted");
      clearTimeout(await arrived);
      await expect.poll(() => run.server.requests[0]?.closedByClient).toBe(true);
    });

    test("cancelling while it waits for the next try ends the call", async () => {
      await using server = await subject.startServer([fault({ status: 429, retryAfter: 60 })]);
      const options: EndpointOptions = { provider: "p", baseUrl: server.url, auth: { kind: "none" } };
      const client = subject.createClient(options, processDeps());
      const stop = new AbortController();
      const started = performance.now();
      const each = (event: ModelEvent): void => {
        if (event.type === "retrying") setTimeout(() => stop.abort(), 10);
      };
      const events = await collect(client, {}, { signal: stop.signal, each });
      expect(performance.now() - started).toBeLessThan(15_000);
      expect(outline(events)).toEqual(["retrying model_rate_limited", "failed interrupted"]);
      client.close();
    });

    test("a call that was cancelled before it began sends nothing", async () => {
      await using run = await start([says("never")]);
      expect(outline(await collect(run.client, {}, { signal: AbortSignal.abort() }))).toEqual([
        "failed interrupted",
      ]);
      expect(run.server.requests).toHaveLength(0);
    });

    test("closing the client ends its calls", async () => {
      await using run = await start([fault({ stall: 60_000 })]);
      const each = (event: ModelEvent): void => {
        if (event.type === "text_delta") run.client.close();
      };
      expect(outline(await collect(run.client, {}, { each })).at(-1)).toBe("failed interrupted");
      run.client.close();
    });

    test("leaving the iteration early drops the connection", async () => {
      await using run = await start([fault({ stall: 60_000 })]);
      const stream = run.client.stream(request(), { signal: new AbortController().signal });
      for await (const event of stream) if (event.type === "text_delta") break;
      await expect.poll(() => run.server.requests[0]?.closedByClient).toBe(true);
    });

    test.each([1, 2, 3, 5, 8, 13, 21])("cancelling at event %i leaves the client usable", async (at) => {
      await using run = await start([says("one two three four ".repeat(30)), says("after")]);
      const stop = new AbortController();
      let seen = 0;
      const each = (): void => {
        if (++seen === at) stop.abort();
      };
      const events = await collect(run.client, {}, { signal: stop.signal, each });
      expect(outline(events).at(-1)).toBe("failed interrupted");
      expect(events).toHaveLength(at + 1);
      expect(outline(await collect(run.client))).toEqual(["done message after", "completed"]);
    });
  });
}
