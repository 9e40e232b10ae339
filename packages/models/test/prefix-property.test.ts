import { type ResponseItem, ResponseItemSchema, textMessage } from "@quire/protocol";
import { prefixBreak } from "@quire/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FULL_CAPABILITIES } from "../src/endpoint.ts";
import type { ModelRequest } from "../src/model-client.ts";
import { createAnthropicWriter } from "../src/providers/anthropic/request-body.ts";
import { createChatWriter } from "../src/providers/chat/request-body.ts";
import { anthropicReasoning, chatReasoning } from "../src/providers/history/reasoning-origin.ts";
import { createRequestWriter } from "../src/providers/responses/request-body.ts";
import { request } from "./calls.ts";
import { PATCH, SHELL } from "./tool-specs.ts";

const TURNS = 200;
const FLAT = { ...FULL_CAPABILITIES, freeformTools: false };

/** Bytes of a request as a process would make them that has just read the history from a log. */
type Write = () => (asked: ModelRequest) => Buffer;

const WIRES: Readonly<Record<string, { write: Write; thought: (id: string, text: string) => ResponseItem }>> =
  {
    responses: {
      write: () => {
        const writer = createRequestWriter(FULL_CAPABILITIES, () => {});
        return (asked) => writer.write(asked);
      },
      thought: (id, text) => ({
        type: "reasoning",
        id,
        summary: [{ type: "summary_text", text }],
        encrypted_content: "abc=",
      }),
    },
    chat: {
      write: () => createChatWriter(FLAT, () => {}),
      thought: (id, text) => chatReasoning(id, "reasoning_content", text),
    },
    "chat with tools in words": {
      write: () => createChatWriter({ ...FLAT, tools: false }, () => {}),
      thought: (id, text) => chatReasoning(id, "reasoning_content", text),
    },
    anthropic: {
      write: () => createAnthropicWriter(FLAT, () => {}),
      thought: (id, text) => anthropicReasoning(id, { type: "thinking", thinking: text, signature: "s:1=" }),
    },
  };

/** What one turn does, as numbers. */
const turn = fc.record({
  rounds: fc.nat(2),
  calls: fc.integer({ min: 1, max: 3 }),
  thinks: fc.boolean(),
  talks: fc.boolean(),
  fails: fc.boolean(),
  orders: fc.boolean(),
  image: fc.boolean(),
  resumes: fc.boolean(),
  model: fc.constantFrom("claude-model-a", "claude-model-b"),
  effort: fc.constantFrom("low", "high"),
});
type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never;

const PIXEL = { type: "input_image", image_url: "data:image/png;base64,aGVsbG8=" } as const;

/** The items of one round of the model's: what it said, and the answers to its calls. */
function round(at: string, plan: Turn, thought: (id: string, text: string) => ResponseItem): ResponseItem[] {
  const ids = Array.from({ length: plan.calls }, (_, n) => `call_${at}_${n}`);
  return [
    ...(plan.thinks ? [thought(`rs_${at}`, `thought ${at}`)] : []),
    ...(plan.talks ? [textMessage("assistant", `größer ${at}`)] : []),
    ...ids.map(
      (call_id, n): ResponseItem =>
        n === 0
          ? { type: "custom_tool_call", call_id, name: "apply_patch", input: `*** ${at}` }
          : {
              type: "function_call",
              call_id,
              name: "exec_command",
              arguments: n === 1 ? '{"cmd":"ls"}' : '{"cm',
            },
    ),
    ...ids.map((call_id, n): ResponseItem => {
      const output =
        plan.image && n > 0 ? [{ type: "input_text" as const, text: "seen" }, PIXEL] : `out ${call_id}`;
      const type = n === 0 ? "custom_tool_call_output" : "function_call_output";
      return { type, call_id, output };
    }),
  ];
}

test.each(Object.entries(WIRES))(
  "%s: over 200 turns each request begins with the one before it of its model, resumed or not",
  (_name, { write, thought }) => {
    fc.assert(
      fc.property(fc.array(turn, { minLength: TURNS, maxLength: TURNS }), (plans) => {
        let history: ResponseItem[] = [
          textMessage("developer", "permissions"),
          textMessage("user", "environment"),
        ];
        let writer = write();
        const last = new Map<string, { raw: Buffer }>();
        let sent = 0;
        const send = (plan: Turn): void => {
          const asked = request({
            model: plan.model,
            input: history,
            tools: [SHELL, PATCH],
            effort: plan.effort,
            promptCacheKey: plan.resumes ? "fork" : "thread",
          });
          const now = { raw: writer(asked) };
          const before = last.get(plan.model);
          if (before !== undefined && prefixBreak(before, now) !== null) {
            throw new Error(`request ${sent}: ${prefixBreak(before, now)}`);
          }
          last.set(plan.model, now);
          sent++;
        };
        for (const [n, plan] of plans.entries()) {
          if (plan.resumes) {
            history = history.map((item) => ResponseItemSchema.parse(JSON.parse(JSON.stringify(item))));
            writer = write();
          }
          if (plan.orders) history.push(textMessage("developer", `orders ${n}`));
          history.push(textMessage("user", `turn ${n}`));
          send(plan);
          for (let r = 0; r < plan.rounds; r++) {
            history.push(...round(`${n}_${r}`, plan, thought));
            send(plan);
          }
          if (!plan.fails) history.push(textMessage("assistant", `done ${n}`));
        }
        expect(sent).toBeGreaterThanOrEqual(TURNS);
        expect(() => JSON.parse(last.get("claude-model-a")?.raw.toString() ?? "{}")).not.toThrow();
      }),
      { numRuns: 3 },
    );
  },
  30_000,
);
