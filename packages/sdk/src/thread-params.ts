import type { ThreadResumeParams, ThreadStartParams } from "@quire/protocol/app-server";
import type { ThreadOptions } from "./options.ts";
import { toolSpec } from "./tools.ts";

export function startParams(options: ThreadOptions): ThreadStartParams {
  return {
    ...shared(options),
    cwd: options.workingDirectory ?? process.cwd(),
    ephemeral: options.ephemeral ?? false,
  };
}

/** A resumed thread stays where it was unless the options say otherwise. */
export function resumeParams(threadId: string, options: ThreadOptions): ThreadResumeParams {
  const { workingDirectory } = options;
  return {
    ...shared(options),
    threadId,
    excludeTurns: true,
    ...(workingDirectory === undefined ? {} : { cwd: workingDirectory }),
  };
}

function shared(options: ThreadOptions) {
  const approvalPolicy = options.approvalPolicy ?? (options.onApproval ? undefined : "never");
  return {
    model: options.model,
    sandbox: options.sandboxMode,
    approvalPolicy,
    baseInstructions: options.baseInstructions,
    developerInstructions: options.developerInstructions,
    dynamicTools: (options.tools ?? []).map(toolSpec),
    config: configOf(options),
  };
}

function configOf(options: ThreadOptions): Record<string, unknown> {
  const { modelReasoningEffort, networkAccessEnabled, webSearchMode, additionalDirectories } = options;
  return {
    ...options.config,
    ...(modelReasoningEffort === undefined ? {} : { model_reasoning_effort: modelReasoningEffort }),
    ...(networkAccessEnabled === undefined
      ? {}
      : { "sandbox_workspace_write.network_access": networkAccessEnabled }),
    ...(webSearchMode === undefined ? {} : { web_search: webSearchMode }),
    ...(additionalDirectories === undefined
      ? {}
      : { "sandbox_workspace_write.writable_roots": [...additionalDirectories] }),
  };
}
