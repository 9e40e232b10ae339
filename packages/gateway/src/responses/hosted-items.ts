import type { ResponseItem } from "@quire/protocol";
import * as z from "zod";
import { parseRequest } from "../wire/parse-request.ts";

/** Names under which the model calls the tools that the gateway runs. */
export const SHELL_TOOL = "shell";
export const CODE_INTERPRETER_TOOL = "code_interpreter";

const OutcomeSchema = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("timeout") }),
  z.looseObject({ type: z.literal("exit"), exit_code: z.int() }),
]);
const ShellOutputSchema = z.looseObject({ stdout: z.string(), stderr: z.string(), outcome: OutcomeSchema });
/** What one command of a shell call left behind. */
export type ShellOutput = z.infer<typeof ShellOutputSchema>;

const HostedItemSchema = z.discriminatedUnion("type", [
  z.looseObject({
    type: z.literal("shell_call"),
    id: z.string().nullish(),
    call_id: z.string(),
    action: z.looseObject({
      commands: z.array(z.string()),
      timeout_ms: z.number().nullish(),
      max_output_length: z.number().nullish(),
    }),
  }),
  z.looseObject({
    type: z.literal("shell_call_output"),
    id: z.string().nullish(),
    call_id: z.string(),
    output: z.array(ShellOutputSchema),
  }),
  z.looseObject({
    type: z.literal("code_interpreter_call"),
    id: z.string(),
    code: z.string().nullable(),
    outputs: z.array(z.looseObject({ type: z.string(), logs: z.string().optional() })).nullish(),
  }),
]);

export function isHostedItem(type: string): boolean {
  return type === "shell_call" || type === "shell_call_output" || type === "code_interpreter_call";
}

/** An item of a hosted tool that a client sends back, as the function call that it was for the model. */
export function readHostedItem(
  item: unknown,
  at: readonly PropertyKey[],
): {
  listed: Record<string, unknown> & { type: string; id?: string | null | undefined };
  context: ResponseItem[];
} {
  const read = parseRequest(HostedItemSchema, item, at);
  switch (read.type) {
    case "shell_call":
      return {
        listed: read,
        context: [
          {
            type: "function_call",
            call_id: read.call_id,
            name: SHELL_TOOL,
            arguments: JSON.stringify({ commands: read.action.commands }),
          },
        ],
      };
    case "shell_call_output":
      return {
        listed: read,
        context: [
          { type: "function_call_output", call_id: read.call_id, output: shellOutputText(read.output) },
        ],
      };
    case "code_interpreter_call": {
      const logs = (read.outputs ?? []).map((output) => output.logs ?? `[${output.type}]`).join("\n");
      return {
        listed: read,
        context: [
          {
            type: "function_call",
            call_id: read.id,
            name: CODE_INTERPRETER_TOOL,
            arguments: JSON.stringify({ code: read.code ?? "" }),
          },
          { type: "function_call_output", call_id: read.id, output: logs },
        ],
      };
    }
  }
}

/** The outputs of a shell call as the model reads them. */
export function shellOutputText(outputs: readonly ShellOutput[]): string {
  return outputs
    .map(({ stdout, stderr, outcome }) => {
      const end = outcome.type === "exit" ? `exit code ${outcome.exit_code}` : "stopped: it took too long";
      return [end, stdout, stderr === "" ? "" : `stderr:\n${stderr}`]
        .filter((part) => part !== "")
        .join("\n");
    })
    .join("\n\n");
}
