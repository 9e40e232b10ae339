import { type ResponseItem, textMessage } from "@quire/protocol";
import {
  assertAppendOnly,
  callsTool,
  callsTools,
  delivered,
  type Fault,
  fault,
  patches,
  reasons,
  replies,
  type ScriptedServer,
  type ScriptOptions,
  type Step,
  says,
} from "@quire/test-support";
import { describe, expect, test } from "vitest";
import type { ClientDeps, EndpointOptions } from "../../src/endpoint.ts";
import type { ModelClient, ModelEvent } from "../../src/model-client.ts";
import { afterRetries, collect, outline, textOf } from "../calls.ts";
import { processDeps } from "../process-deps.ts";
import { PATCH, SHELL } from "../tool-specs.ts";

/** What a provider brings so that the same cases can be run against it. */
export interface ConformanceSubject {
  createClient: (options: EndpointOptions, deps: ClientDeps) => ModelClient;
  startServer: (steps: readonly Step[], options?: ScriptOptions) => Promise<ScriptedServer>;
  /** Whether reasoning summaries and freeform calls come over this wire API as what they are. */
  reasoning: boolean;
  freeformTools: boolean;
}

const SECRET = "sk-conformance-0123456789";
const CANCEL_MS = 200;

/** Registers the cases that every provider must pass. Call it at the top level of a test file. */
export function providerConformance(name: string, subject: ConformanceSubject): void {
  /** Waits are recorded instead of waited, so that a test of backoff takes no time. */
  async function start(
    steps: readonly Step[],
    options: Partial<EndpointOptions> = {},
    script?: ScriptOptions,
  ) {
    const server = await subject.startServer(steps, script);
    const waits: number[] = [];
    const sleep: ClientDeps["sleep"] = async (ms) => {
      waits.push(ms);
    };
    const client = subject.createClient(
      {
        provider: "under-test",
        baseUrl: server.url,
        auth: { kind: "bearer", token: SECRET, source: "the environment variable TEST_KEY" },
        ...options,
      },
      processDeps({ sleep }),
    );
    return {
      server,
      client,
      waits,
      async [Symbol.asyncDispose]() {
        client.close();
        await server.close();
      },
    };
  }

  describe(`${name}: what a model says`, () => {
    test("text arrives as deltas, then as an item, then the call completes with its usage", async () => {
      await using run = await start([
        says("Grüße 🎉, all of it.", { usage: { input: 120, cached: 100, output: 7 } }),
      ]);
      const events = await collect(run.client);
      expect(textOf(events)).toBe("Grüße 🎉, all of it.");
      expect(outline(events)).toEqual(["done message Grüße 🎉, all of it.", "completed"]);
      expect(events.at(-1)).toMatchObject({
        type: "completed",
        completion: { usage: { input_tokens: 120, cached_input_tokens: 100, output_tokens: 7 } },
      });
    });

    test("reasoning, text and calls of both kinds come in their order", async () => {
      await using run = await start([
        replies(
          reasons("Thinking."),
          says("Looking."),
          callsTool("exec_command", { cmd: "ls" }),
          patches("*** P"),
        ),
      ]);
      const events = await collect(run.client, { tools: [SHELL, PATCH] });
      expect(outline(events)).toEqual([
        ...(subject.reasoning ? ["done reasoning Thinking."] : []),
        "done message Looking.",
        'done call exec_command {"cmd":"ls"}',
        subject.freeformTools ? "done freeform apply_patch *** P" : 'done call apply_patch {"patch":"*** P"}',
        "completed",
      ]);
    });

    test("200 parallel calls all arrive, each with its own id", async () => {
      const calls = Array.from({ length: 200 }, (_, n) => ["exec_command", { cmd: `echo ${n}` }] as const);
      await using run = await start([callsTools(calls)]);
      const events = await collect(run.client, { tools: [SHELL] });
      const done = events.flatMap((event) =>
        event.type === "item_done" && event.item.type === "function_call" ? [event.item] : [],
      );
      expect(done.map((call) => call.arguments)).toEqual(calls.map(([, args]) => JSON.stringify(args)));
      expect(new Set(done.map((call) => call.call_id)).size).toBe(200);
    });

    test("malformed, unknown and duplicate calls are passed on as they came", async () => {
      await using run = await start([
        callsTools([
          ["exec_command", '{"cmd": "unfinished', { callId: "same" }],
          ["no_such_tool", "not json at all", { callId: "same" }],
        ]),
      ]);
      const events = await collect(run.client, { tools: [SHELL] });
      expect(outline(events)).toEqual([
        'done call exec_command {"cmd": "unfinished',
        "done call no_such_tool not json at all",
        "completed",
      ]);
    });

    test("pieces of one byte give the same events as whole ones", async () => {
      const reply = replies(says("Ünïcödé 🎉 and more"), callsTool("exec_command", { cmd: "printf 'ü'" }));
      await using whole = await start([reply]);
      await using cut = await start([delivered(reply, { chunkBytes: 1 })]);
      expect(await collect(cut.client, { tools: [SHELL] })).toEqual(
        await collect(whole.client, { tools: [SHELL] }),
      );
    });

    test("a response cut off by the output limit keeps its text and fails as incomplete, without a retry", async () => {
      await using run = await start([
        says("Half a", { outcome: { kind: "incomplete", reason: "max_output_tokens" } }),
      ]);
      const events = await collect(run.client);
      expect(outline(events)).toEqual(["done message Half a", "failed model_incomplete"]);
      expect(events.at(-1)).toMatchObject({ usage: { output_tokens: 10 } });
    });
  });

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
  });

  describe(`${name}: silence and cancelling`, () => {
    test("silence is told of, and the call goes on when it ends", async () => {
      await using run = await start([fault({ stall: 250 })], { stallNoticeMs: 100 });
      const events = await collect(run.client);
      expect(outline(events).filter((line) => line === "stalled")).toEqual(["stalled", "stalled"]);
      expect(outline(events).at(-1)).toBe("completed");
    });

    test("silence without end is given up and tried again", async () => {
      await using run = await start([fault({ stall: 60_000 }), says("Back.")], { idleTimeoutMs: 100 });
      const events = await collect(run.client);
      expect(outline(events)).toEqual(["retrying model_stalled", "done message Back.", "completed"]);
    });

    test("a server that accepts and never answers is silence, too", async () => {
      const never = says("never", { delivery: { firstByteMs: 60_000 } });
      await using run = await start([never, says("Back.")], { idleTimeoutMs: 100, stallNoticeMs: 60 });
      expect(outline(await collect(run.client))).toEqual([
        "stalled",
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
      expect(performance.now() - started).toBeLessThan(2_000);
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
      const stream = run.client.stream(
        { ...BASE, input: [textMessage("user", "hi")] },
        { signal: new AbortController().signal },
      );
      for await (const event of stream) if (event.type === "text_delta") break;
      await expect.poll(() => run.server.requests[0]?.closedByClient).toBe(true);
    });
  });

  describe(`${name}: requests`, () => {
    test("each request of a thread begins with the one before it", async () => {
      const script = [callsTool("exec_command", { cmd: "ls" }), patches("*** P"), says("Done.")];
      await using run = await start([replies(reasons("Hm."), script[0] ?? says("")), ...script.slice(1)]);
      const history: ResponseItem[] = [textMessage("user", "go")];
      const tools = [SHELL, PATCH];
      const answers: Record<string, string> = { exec_command: "a\nb", apply_patch: "ok" };
      for (const _step of script) {
        const events = await collect(run.client, { input: history, tools });
        for (const event of events) {
          if (event.type !== "item_done") continue;
          history.push(event.item);
          if (event.item.type === "function_call") {
            history.push({
              type: "function_call_output",
              call_id: event.item.call_id,
              output: answers[event.item.name] ?? "",
            });
          }
          if (event.item.type === "custom_tool_call") {
            history.push({
              type: "custom_tool_call_output",
              call_id: event.item.call_id,
              output: answers[event.item.name] ?? "",
            });
          }
        }
      }
      assertAppendOnly(run.server.requests);
      expect(run.server.requests[2]?.toolOutputs).toEqual(["a\nb", "ok"]);
      expect(run.server.requests[2]?.inputTexts).toEqual(["go"]);
    });

    test("a freeform tool is offered as a function where the endpoint lacks freeform tools", async () => {
      await using run = await start([patches("*** P")], { capabilities: { freeformTools: false } });
      const events = await collect(run.client, { tools: [PATCH] });
      expect(run.server.requests[0]?.tools).toEqual([
        { name: "apply_patch", kind: "function", argument: "patch" },
      ]);
      expect(outline(events)).toEqual(['done call apply_patch {"patch":"*** P"}', "completed"]);
    });

    test("calls of one client share a connection", async () => {
      await using run = await start([says("one"), says("two"), says("three")]);
      for (let n = 0; n < 3; n++) await collect(run.client);
      const ports = run.server.requests.map((request) => request.clientPort);
      expect(new Set(ports).size).toBe(1);
    });
  });
}

const BASE = {
  model: "scripted-model",
  instructions: "",
  tools: [],
  parallelToolCalls: true,
  promptCacheKey: "thread-1",
};
