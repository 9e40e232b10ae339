import { probeBubblewrap } from "./bubblewrap/probe.ts";
import { UNLIMITED_PROCESSES } from "./bubblewrap/remedies.ts";
import type { SandboxUnavailable } from "./command.ts";
import type { SandboxDeps } from "./deps.ts";
import { findHostPrograms } from "./host-programs.ts";
import type { ProcessLimit } from "./limits/process-limit.ts";
import { makeRuntimeFolder } from "./runtime-folder.ts";

export type SandboxProbe =
  | {
      readonly ok: true;
      readonly backend: "bubblewrap";
      readonly version: string;
      readonly processLimit: ProcessLimit;
      /** What does not hold here although commands are confined, with what would help. */
      readonly weakness?: { readonly message: string; readonly remedy: string };
    }
  | ({ readonly ok: false } & SandboxUnavailable);

/**
 * Whether commands can be confined on this machine, for a report to the user. Tries a sandbox unless one was tried
 * before with the same program and kernel.
 */
export async function probeSandbox(deps: SandboxDeps): Promise<SandboxProbe> {
  if (deps.platform !== "linux") {
    return {
      ok: false,
      code: "platform-unsupported",
      cause: `commands cannot be confined on ${deps.platform}`,
      remedy: 'use Linux (WSL 2 on Windows), or a container with sandbox mode "external-sandbox"',
    };
  }
  const probe = await probeBubblewrap(
    { programs: findHostPrograms(deps.env.PATH, []), freshProc: true },
    { ...deps, runtimeDir: makeRuntimeFolder(deps) },
  );
  if (!probe.ok) return { ok: false, ...probe.reason };
  const { features, processLimit } = probe;
  const { weakness: message, remedy } = UNLIMITED_PROCESSES;
  return {
    ok: true,
    backend: "bubblewrap",
    version: features.version,
    processLimit,
    ...(processLimit === "none" ? { weakness: { message, remedy } } : {}),
  };
}
