import type { ToolCallItem } from "@quire/protocol";
import type { ServerResult } from "@quire/protocol/app-server";
import type { Tool } from "@quire/tools";
import * as z from "zod/mini";
import type { Questions } from "./questions.ts";

export const USER_INPUT_TOOL = "request_user_input";

const ArgumentsSchema = () =>
  z.object({
    questions: z
      .array(
        z.object({
          id: z.string(),
          header: z.optional(z.string()),
          question: z.string(),
          options: z.optional(z.array(z.object({ label: z.string(), description: z.optional(z.string()) }))),
        }),
      )
      .check(z.minLength(1), z.maxLength(3)),
  });

const SPEC: Tool["spec"] = {
  kind: "function",
  name: USER_INPUT_TOOL,
  description:
    "Asks the user one to three short questions and waits for the answers. Only for decisions that you cannot make.",
  parameters: {
    type: "object",
    properties: {
      questions: {
        type: "array",
        items: {
          type: "object",
          properties: {
            id: { type: "string", description: "A short name, the same in the answer." },
            header: { type: "string", description: "At most 12 characters." },
            question: { type: "string" },
            options: {
              type: "array",
              items: {
                type: "object",
                properties: { label: { type: "string" }, description: { type: "string" } },
                required: ["label"],
              },
            },
          },
          required: ["id", "question"],
        },
      },
    },
    required: ["questions"],
  },
};

/** Lets the model ask the people behind the thread's clients; with null it is told that nobody can be asked. */
export function userInputTool(questions: Questions | null): Tool {
  return {
    spec: SPEC,
    parallel: false,
    prepare({ callId, input }, { signal }) {
      const parsed = parse(input);
      if (parsed === null) {
        const message = `${USER_INPUT_TOOL} was not run: send {"questions":[{"id":"…","question":"…"}]} with one to three questions.`;
        return { kind: "invalid", code: "tool_bad_arguments", message };
      }
      const item: ToolCallItem = {
        type: "toolCall",
        id: callId,
        tool: USER_INPUT_TOOL,
        arguments: input,
        status: "inProgress",
        output: null,
        error: null,
      };
      return {
        kind: "ready",
        effects: [],
        item,
        run: async () => {
          const answers = questions === null ? {} : await askAll(questions, callId, parsed.questions, signal);
          const output =
            Object.keys(answers).length === 0
              ? "Nobody answered. Decide yourself and say what you assumed."
              : JSON.stringify({ answers });
          return { item: { ...item, status: "completed", output }, output, success: true };
        },
      };
    },
  };
}

async function askAll(
  questions: Questions,
  itemId: string,
  asked: readonly Question[],
  signal: AbortSignal,
): Promise<ServerResult<"item/tool/requestUserInput">["answers"]> {
  const { threadId, turnId } = questions;
  const { answers } = await questions.ask(
    "item/tool/requestUserInput",
    {
      threadId,
      turnId,
      itemId,
      questions: asked.map(asQuestion),
      isBlocking: true,
      autoResolutionMs: null,
    },
    { signal, nobody: { answers: {} } },
  );
  return answers;
}

type Question = z.infer<ReturnType<typeof ArgumentsSchema>>["questions"][number];

function asQuestion({ id, header, question, options }: Question) {
  return {
    id,
    header: header ?? "",
    question,
    isOther: true,
    isSecret: false,
    options: options?.map(({ label, description }) => ({ label, description: description ?? "" })) ?? null,
  };
}

function parse(input: string): z.infer<ReturnType<typeof ArgumentsSchema>> | null {
  try {
    const parsed = ArgumentsSchema().safeParse(JSON.parse(input));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
