import { createPathGuard, type PathGuard } from "@quire/apply-patch";
import { CodedError } from "@quire/protocol";
import { DEFAULT_PROTECTED_NAMES, type Sandbox } from "@quire/sandbox";
import {
  type CommandSession,
  createBuiltinTools,
  createCommandSessions,
  loadImage,
  type Tool,
} from "@quire/tools";
import { patchJournal } from "./patch-journal.ts";
import { isConfined } from "./sandbox-parts.ts";
import type { SessionRequest } from "./session-request.ts";
import { shellPath } from "./surroundings.ts";
import type { Workspace } from "./workspace.ts";

export interface SessionTools {
  tools: readonly Tool[];
  close: () => Promise<void>;
}

/** The tools of one thread and the commands behind them. `sandboxes.unconfined` runs what was approved to leave. */
export function openTools(
  request: SessionRequest,
  sandboxes: { session: Sandbox; unconfined: Sandbox | null },
  onBackgroundEnd: (session: CommandSession) => void,
): SessionTools {
  const { system, workspace, home } = request;
  const sessions = createCommandSessions({
    sandbox: sandboxes.session,
    ...(sandboxes.unconfined === null ? {} : { unconfined: sandboxes.unconfined }),
    shell: { path: shellPath() },
    environment: {},
    monotonicMs: system.monotonicMs,
    onBackgroundEnd,
  });
  const builtins = createBuiltinTools({
    sessions,
    mayRead: () => true,
    patches: { guard: patchGuard(workspace), journalDir: patchJournal(home) },
  });
  return {
    tools: [...builtins, ...request.clientTools].sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1)),
    close: async () => {
      await sessions.close();
      await Promise.all([sandboxes.session.close(), sandboxes.unconfined?.close()]);
    },
  };
}

/** Where patches may write: the same places that the sandbox lets commands write to. */
function patchGuard(workspace: Workspace): PathGuard {
  if (!isConfined(workspace.sandboxMode)) return createPathGuard({ root: "/", protectedNames: [] });
  return createPathGuard({
    root: workspace.gitRoot ?? workspace.cwd,
    writableRoots: workspace.extraWritableRoots,
    protectedNames: DEFAULT_PROTECTED_NAMES,
  });
}

/** Reads an image for the model; fails with `image_invalid`. */
export async function readImage(path: string): Promise<string> {
  const image = await loadImage(path);
  if (image.kind === "image") return image.dataUrl;
  throw new CodedError("image_invalid", image.message);
}
