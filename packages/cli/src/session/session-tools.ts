import fs from "node:fs";
import { createPathGuard, type PathGuard } from "@quire/apply-patch/tool";
import type { FilePermissionsConfig } from "@quire/config";
import { isConfined, type Redactor } from "@quire/core";
import { CodedError } from "@quire/protocol";
import { DEFAULT_PROTECTED_NAMES, type Sandbox } from "@quire/sandbox";
import {
  type CommandSession,
  type CommandSessions,
  type Confinement,
  createBuiltinTools,
  createCommandSessions,
  loadImage,
  type Tool,
} from "@quire/tools";
import type { OwnedEditChecks } from "./edit-checks.ts";
import { patchJournal } from "./patch-journal.ts";
import { readGuard, writeGuard } from "./read-guard.ts";
import type { SessionRequest } from "./session-request.ts";
import { shellPath } from "./surroundings.ts";
import type { Workspace } from "./workspace.ts";

/** Where commands run. `unconfined` runs what was approved to leave the sandbox. */
export interface Sandboxes {
  session: Sandbox;
  unconfined: Sandbox | null;
}

/** The tools of one thread, with the place they work in, which may change between turns. */
export interface SessionTools {
  tools: readonly Tool[];
  readonly workspace: Workspace;
  /** Calls from now on work there; commands that run stay where they are. */
  moveTo(workspace: Workspace, sandboxes: Sandboxes): void;
  commands: Pick<CommandSessions, "list" | "terminate" | "start" | "release" | "shell" | "canEscalate">;
  close: () => Promise<void>;
}

/** What the tools of a thread need from its other parts. */
export interface ToolSeams {
  /** Beside the built-in ones. */
  tools: readonly Tool[];
  /** What is to be said of files that an edit has written; undefined where nobody looks. */
  checkEdits: OwnedEditChecks["check"] | undefined;
  /** Ends what runs behind those. */
  close: () => Promise<void>;
  /** Why the model cannot be shown images; null when it can. */
  whyNoImages: () => string | null;
}

/** The tools of one thread and the commands behind them. Closing them closes every sandbox they were given. */
export function openTools(
  request: SessionRequest,
  sandboxes: Sandboxes,
  redactor: Redactor,
  onBackgroundEnd: (session: CommandSession) => void,
  seams: ToolSeams,
): SessionTools {
  const { system, home } = request;
  let { workspace } = request;
  const opened = [sandboxes];
  const sessions = createCommandSessions({
    ...confinementOf(sandboxes),
    shell: { path: shellPath() },
    environment: {},
    monotonicMs: system.monotonicMs,
    openOutputFilter: redactor.openByteStream,
    onBackgroundEnd,
  });
  const builtins = createBuiltinTools({
    sessions,
    mayRead: (path) => readGuard(request, workspace)(path),
    whyNoImages: seams.whyNoImages,
    patches: {
      get guard() {
        return patchGuard(request, workspace);
      },
      get unconfinedGuard() {
        return approvedPatchGuard(readGuard(request, workspace));
      },
      journalDir: patchJournal(home),
      afterApply: seams.checkEdits,
    },
  });
  const only = request.subagent?.tools ?? null;
  const isWanted = ({ spec: { name } }: Tool) =>
    !request.withoutTools?.includes(name) && (only === null || only.includes(name));
  const isClients = (tool: Tool) =>
    request.clientTools.includes(tool) && !request.withoutTools?.includes(tool.spec.name);
  return {
    tools: [...builtins, ...seams.tools, ...request.clientTools]
      .filter((tool) => isWanted(tool) || isClients(tool))
      .sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1)),
    get workspace() {
      return workspace;
    },
    moveTo(next, nextSandboxes) {
      workspace = next;
      opened.push(nextSandboxes);
      sessions.confineBy(confinementOf(nextSandboxes));
    },
    commands: sessions,
    close: async () => {
      await Promise.all([sessions.close(), seams.close()]);
      await Promise.all(opened.flatMap(({ session, unconfined }) => [session.close(), unconfined?.close()]));
    },
  };
}

const SECRET = "it is kept from you, because files like this hold secrets";

function confinementOf({ session, unconfined }: Sandboxes): Confinement {
  return { sandbox: session, ...(unconfined === null ? {} : { unconfined }) };
}

/**
 * Where patches may write: the same places that the sandbox lets commands write to. A patch that does not fit is answered
 * with lines of the file, so what may not be read may not be patched either.
 */
function patchGuard(request: SessionRequest, workspace: Workspace): PathGuard {
  if (!isConfined(workspace.sandboxMode)) return createPathGuard({ root: "/", protectedNames: [] });
  const mayRead = readGuard(request, workspace);
  const mayWrite = writeGuard(request, workspace);
  const profile = request.loaded.config.filePermissions;
  const guard = createPathGuard({
    root: workspace.gitRoot ?? workspace.cwd,
    writableRoots: [...workspace.extraWritableRoots, ...writableByProfile(profile)],
    protectedNames: DEFAULT_PROTECTED_NAMES,
  });
  return (absolute, intent) => {
    const decision = guard(absolute, intent);
    if (!decision.ok) return decision;
    if (!mayRead(decision.path) && (profile !== null || fs.existsSync(decision.path))) {
      return { ok: false, reason: SECRET };
    }
    if (mayWrite(decision.path)) return decision;
    return { ok: false, reason: `the permission profile "${profile?.profile}" does not let it be written` };
  };
}

/** Places outside of the workspace; those inside are judged one by one. */
function writableByProfile(profile: FilePermissionsConfig | null): string[] {
  const entries = profile?.entries ?? [];
  return [
    ...(profile?.workspaceRoots ?? []),
    ...entries.flatMap(({ place, access }) =>
      place.kind === "path" && access === "write" ? [place.path] : [],
    ),
  ];
}

/** Where an approved patch may write: anywhere but in what protects the user, which takes more than a yes to a question. */
function approvedPatchGuard(mayRead: (path: string) => boolean): PathGuard {
  const guard = createPathGuard({ root: "/", protectedNames: DEFAULT_PROTECTED_NAMES });
  return (absolute, intent) => {
    const decision = guard(absolute, intent);
    if (!decision.ok || mayRead(decision.path)) return decision;
    return { ok: false, reason: SECRET };
  };
}

/** Reads an image for the model; fails with `image_invalid`. */
export async function readImage(path: string): Promise<string> {
  const image = await loadImage(path);
  if (image.kind === "image") return image.dataUrl;
  throw new CodedError("image_invalid", image.message);
}
