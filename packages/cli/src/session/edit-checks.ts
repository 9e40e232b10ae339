import type { QuireConfig } from "@quire/config";
import { findProgram } from "@quire/git";
import {
  DEFAULT_WAIT_MS,
  type EditChecks,
  KNOWN_SERVERS,
  type LanguageServer,
  openEditChecks,
  type SpawnServer,
} from "@quire/language-servers";
import { createSandbox, type Sandbox, type SandboxDeps } from "@quire/sandbox";
import type { WrittenText } from "@quire/tools";
import { serverProcess } from "./mcp/mcp-spawner.ts";
import { sandboxPolicy } from "./sandbox-parts.ts";
import type { SessionRequest } from "./session-request.ts";
import type { Workspace } from "./workspace.ts";

/** What language servers say of the edits of one thread. */
export interface OwnedEditChecks {
  check(files: readonly WrittenText[], signal: AbortSignal): Promise<string | null>;
  close(): Promise<void>;
}

/**
 * A server runs code of the project, so it runs as a command would, and may not even write. A thread that moves to another
 * place gets other servers.
 */
export function openSessionEditChecks(
  request: SessionRequest,
  place: () => Workspace,
  deps: SandboxDeps,
): OwnedEditChecks {
  const opened = new Map<string, { checks: EditChecks; sandbox: Sandbox }>();
  const checksAt = (workspace: Workspace): EditChecks => {
    const root = workspace.gitRoot ?? workspace.cwd;
    const known = opened.get(root);
    if (known !== undefined) return known.checks;
    const sandbox = serverSandbox(workspace, request.loaded.config, deps);
    const checks = openEditChecks({
      servers: wantedServers(request, workspace),
      root,
      spawn: spawnIn(sandbox, root),
      waitMs: DEFAULT_WAIT_MS,
    });
    opened.set(root, { checks, sandbox });
    return checks;
  };
  return {
    check: (files, signal) => checksAt(place()).check(files, signal),
    async close() {
      await Promise.all(
        [...opened.values()].map(async ({ checks, sandbox }) => {
          await checks.close();
          await sandbox.close();
        }),
      );
    },
  };
}

function serverSandbox(workspace: Workspace, config: QuireConfig, deps: SandboxDeps): Sandbox {
  // Where a container was declared to be the boundary, there may be no sandbox to be had.
  const mode = workspace.sandboxMode === "external-sandbox" ? workspace.sandboxMode : "read-only";
  const policy = sandboxPolicy(workspace, config, mode);
  return createSandbox({ ...policy, network: "off" }, deps);
}

/** The configured servers, then known ones that are on PATH, where the switch says so. */
function wantedServers({ system, loaded }: SessionRequest, workspace: Workspace): LanguageServer[] {
  const { languageServers, features } = loaded.config;
  const writable = [workspace.gitRoot ?? workspace.cwd, ...workspace.extraWritableRoots];
  const found = KNOWN_SERVERS.flatMap((server) => {
    const program = findProgram(server.command, system.env.PATH, writable);
    return program === undefined ? [] : [{ ...server, command: program }];
  });
  return [...languageServers, ...(features.edit_diagnostics === true ? found : [])];
}

function spawnIn(sandbox: Sandbox, cwd: string): SpawnServer {
  return async (argv) => {
    const started = await sandbox.start({ argv, cwd, stdin: "pipe" });
    if (started.kind === "started") return { kind: "started", process: serverProcess(started.command) };
    return { kind: "failed", message: started.kind === "failed" ? started.message : started.reason.cause };
  };
}
