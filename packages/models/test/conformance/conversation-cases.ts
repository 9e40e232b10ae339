import { type ResponseItem, textMessage } from "@quire/protocol";
import { assertAppendOnly, callsTool, patches, reasons, replies, says } from "@quire/test-support";
import { describe, expect, test } from "vitest";
import { collect, outline } from "../calls.ts";
import { PATCH, SHELL } from "../tool-specs.ts";
import { type ConformanceSubject, starter } from "./subject.ts";

const PIXEL = "data:image/png;base64,aGVsbG8=";
const BY_USER: ResponseItem[] = [
  {
    type: "message",
    role: "user",
    content: [
      { type: "input_text", text: "What is this?" },
      { type: "input_image", image_url: PIXEL },
    ],
  },
];
const BY_TOOL: ResponseItem[] = [
  textMessage("user", "look"),
  { type: "function_call", call_id: "c1", name: "view_image", arguments: '{"path":"a.png"}' },
  {
    type: "function_call_output",
    call_id: "c1",
    output: [
      { type: "input_text", text: "a.png" },
      { type: "input_image", image_url: PIXEL },
    ],
  },
];
const SCHEMA = { type: "object", properties: { verdict: { type: "string" } }, required: ["verdict"] };

/** Histories, tools, images and schemas on their way out. */
export function conversationCases(name: string, subject: ConformanceSubject): void {
  const start = starter(subject);
  const sent = async (input: readonly ResponseItem[], options: Parameters<typeof start>[1] = {}) => {
    await using run = await start([says("ok")], options);
    expect(outline(await collect(run.client, { input, tools: [SHELL, PATCH] })).at(-1)).toBe("completed");
    const [request] = run.server.requests;
    if (request === undefined) throw new Error("nothing was sent");
    return request;
  };

  describe(`${name}: conversations`, () => {
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

    test("an image of the user's is sent", async () => {
      const request = await sent(BY_USER);
      expect(request.raw.toString()).toContain("aGVsbG8=");
      expect(request.inputTexts.join()).toContain("What is this?");
    });

    test("an image of a tool's is sent", async () => {
      const request = await sent(BY_TOOL);
      expect(request.raw.toString()).toContain("aGVsbG8=");
      expect(request.toolOutputs).toHaveLength(1);
      expect(request.toolOutputs[0]).toContain("a.png");
    });

    test.each([
      ["the user's", BY_USER],
      ["a tool's", BY_TOOL],
    ])("where images are not taken, %s is named as left out", async (_whose, input) => {
      const request = await sent(input, { capabilities: { images: false } });
      expect(request.raw.toString()).not.toContain("aGVsbG8=");
      expect(request.raw.toString()).toContain("An image was left out");
    });

    test("a schema for the answer is sent, and left out with a note where it is not taken", async () => {
      await using run = await start([says('{"verdict":"ok"}')]);
      await collect(run.client, { outputSchema: SCHEMA });
      expect(run.server.requests[0]?.raw.toString()).toContain('"verdict"');
      await using without = await start([says("ok")], { capabilities: { structuredOutput: false } });
      await collect(without.client, { outputSchema: SCHEMA });
      expect(without.server.requests[0]?.raw.toString()).not.toContain('"verdict"');
      expect(without.notes).toEqual([expect.stringContaining("schema")]);
    });

    test("the output limit and the effort are sent, the effort as the nearest that is known", async () => {
      const efforts = { capabilities: { efforts: ["low", "high"] as const } };
      await using run = await start([says("ok")], efforts);
      await collect(run.client, { maxOutputTokens: 12_345, effort: "xhigh" });
      const body = run.server.requests[0]?.raw.toString() ?? "";
      expect(body).toContain("12345");
      expect(body).toMatch(/effort":"high"/);
    });

    test("without the capability no effort is sent", async () => {
      await using run = await start([says("ok")], { capabilities: { reasoning: false } });
      await collect(run.client, { effort: "high" });
      expect(run.server.requests[0]?.raw.toString()).not.toMatch(/effort|thinking/);
    });

    test("reasoning of other wire APIs is not sent", async () => {
      const foreign: ResponseItem[] = [
        textMessage("user", "go"),
        { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "anthropic-redacted:opaque-one" },
        {
          type: "reasoning",
          summary: [{ type: "summary_text", text: "chat-thought" }],
          chat_field: "reasoning",
        },
        { type: "reasoning", id: "rs_3", summary: [], encrypted_content: "opaque-three" },
        textMessage("assistant", "went"),
        textMessage("user", "on"),
      ];
      const body = (await sent(foreign)).raw.toString();
      const there = ["opaque-one", "chat-thought", "opaque-three"].filter((text) => body.includes(text));
      expect(there).toHaveLength(1);
    });

    test("what the model thought goes back as it came", async () => {
      if (!subject.reasoning) return;
      await using run = await start([
        replies(reasons("Deep thought."), callsTool("exec_command", { cmd: "ls" })),
        says("ok"),
      ]);
      const history: ResponseItem[] = [textMessage("user", "go")];
      for (const event of await collect(run.client, { input: history, tools: [SHELL] })) {
        if (event.type === "item_done") history.push(event.item);
      }
      const call = history.at(-1);
      if (call?.type !== "function_call") throw new Error("the call is missing");
      history.push({ type: "function_call_output", call_id: call.call_id, output: "a" });
      await collect(run.client, { input: history, tools: [SHELL] });
      const body = run.server.requests[1]?.raw.toString() ?? "";
      expect(body).toContain("Deep thought.");
      assertAppendOnly(run.server.requests);
    });

    test("200 answers go back, each to its call", async () => {
      const ids = Array.from({ length: 200 }, (_, n) => `call_${n}`);
      const input: ResponseItem[] = [
        textMessage("user", "go"),
        ...ids.map(
          (call_id): ResponseItem => ({
            type: "function_call",
            call_id,
            name: "exec_command",
            arguments: "{}",
          }),
        ),
        ...ids.map(
          (call_id): ResponseItem => ({ type: "function_call_output", call_id, output: `of ${call_id}` }),
        ),
      ];
      const request = await sent(input);
      expect(request.toolOutputs).toEqual(ids.map((id) => `of ${id}`));
    });

    test("arguments that are no JSON do not break the request, and are shown to the model", async () => {
      const input: ResponseItem[] = [
        textMessage("user", "go"),
        { type: "function_call", call_id: "c1", name: "exec_command", arguments: '{"cmd": "unfinished' },
        { type: "function_call_output", call_id: "c1", output: "not run" },
      ];
      const request = await sent(input);
      expect(request.body).toBeTypeOf("object");
      expect(request.raw.toString()).toContain("unfinished");
    });

    test("a freeform call and its answer go back in the form that the endpoint knows", async () => {
      const input: ResponseItem[] = [
        textMessage("user", "go"),
        { type: "custom_tool_call", call_id: "c1", name: "apply_patch", input: "*** P" },
        { type: "custom_tool_call_output", call_id: "c1", output: "Done." },
      ];
      const request = await sent(input);
      expect(request.toolOutputs).toEqual(["Done."]);
      expect(request.raw.toString()).toContain("*** P");
    });

    test("orders in the middle of a conversation are sent in their place", async () => {
      const input: ResponseItem[] = [
        textMessage("developer", "first orders"),
        textMessage("user", "one"),
        textMessage("assistant", "two"),
        textMessage("developer", "new orders"),
        textMessage("user", "three"),
      ];
      const body = (await sent(input)).raw.toString();
      const places = ["first orders", "one", "two", "new orders", "three"].map((text) => body.indexOf(text));
      expect(places).toEqual([...places].sort((a, b) => a - b));
      expect(places).not.toContain(-1);
    });

    test("the same request has the same bytes, whoever sends it", async () => {
      const [one, two] = [await sent(BY_TOOL), await sent(BY_TOOL)];
      expect(two.raw.equals(one.raw)).toBe(true);
    });
  });
}
