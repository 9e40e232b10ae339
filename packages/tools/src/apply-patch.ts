import { resolve } from "node:path";
import { APPLY_PATCH_GRAMMAR } from "@quire/apply-patch/tool";
import { text } from "./arguments/fields.ts";
import { MAX_ARGUMENT_BYTES, parseArguments } from "./arguments/parse-arguments.ts";
import { type PatchRules, preparePatchCall } from "./patch-call.ts";
import type { PreparedCall, Tool, ToolContext, ToolInvocation } from "./tool.ts";

const NAME = "apply_patch";

const SPEC: Tool["spec"] = {
  kind: "freeform",
  name: NAME,
  description:
    "Edits files. Sections: Add File (lines start with +), Delete File, Update File with optional Move to and chunks: @@ context, then lines that start with space, - or +.",
  format: { type: "grammar", syntax: "lark", definition: APPLY_PATCH_GRAMMAR },
  functionArgument: "input",
};

/** Applies a patch to files, all of it or nothing. */
export function createApplyPatchTool(rules: PatchRules): Tool {
  return {
    spec: SPEC,
    parallel: false,
    prepare(invocation, context) {
      const patch = patchTextOf(invocation);
      if (!patch.ok) return { kind: "invalid", code: "tool_bad_arguments", message: patch.message };
      return preparePatchCall(
        { callId: invocation.callId, patchText: patch.value, cwd: context.cwd },
        rules,
        context,
      );
    },
  };
}

/**
 * Turns a shell command that only applies a patch into the patch itself; null for every other command. Models that
 * are not given the tool, or forget it, write patches this way.
 */
export function interceptPatchCommand(
  rules: PatchRules,
): (
  command: string | readonly string[],
  cwd: string,
  invocation: ToolInvocation,
  context: ToolContext,
) => Promise<PreparedCall | null> | null {
  return (command, cwd, invocation, context) => {
    const words = typeof command === "string" ? [command] : command;
    return words.some((word) => /apply_?patch/.test(word))
      ? prepareEmbeddedPatch(command, cwd, invocation, context, rules)
      : null;
  };
}

async function prepareEmbeddedPatch(
  command: string | readonly string[],
  cwd: string,
  invocation: ToolInvocation,
  context: ToolContext,
  rules: PatchRules,
): Promise<PreparedCall | null> {
  const { extractHeredocPatch } = await import("@quire/apply-patch");
  const embedded = extractHeredocPatch(command);
  if (embedded === null) return null;
  const folder = resolve(cwd, embedded.cwd ?? "");
  return preparePatchCall(
    { callId: invocation.callId, patchText: embedded.patch, cwd: folder },
    rules,
    context,
  );
}

/** Either form may hold the other: some models send JSON to the freeform tool, others bare text to the function. */
function patchTextOf({
  input,
}: ToolInvocation): { ok: true; value: string } | { ok: false; message: string } {
  if (input.length > MAX_ARGUMENT_BYTES) {
    return { ok: false, message: `${NAME} was not run: the patch is larger than 1 MiB. Split it by file.` };
  }
  if (!input.trimStart().startsWith("{")) return { ok: true, value: input };
  const parsed = parseArguments(NAME, input, { input: text });
  return parsed.ok ? { ok: true, value: parsed.value.input } : parsed;
}
