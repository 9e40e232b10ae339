import os from "node:os";
import path from "node:path";
import type { QuireConfig } from "@quire/config";
import { isConfined } from "@quire/core";
import { CodedError, type SandboxMode } from "@quire/protocol";
import {
  createSandbox,
  type EnvironmentPolicy,
  probeSandbox,
  type Sandbox,
  type SandboxDeps,
  type SandboxPolicy,
} from "@quire/sandbox";
import type { System } from "../system.ts";
import type { WorkspaceFolders } from "./workspace.ts";

/** What the sandbox package needs of this process. */
export function sandboxDeps(system: System, home: string): SandboxDeps {
  return {
    env: system.env,
    homeDir: system.homeDir,
    stateDir: home,
    runtimeDir: path.join(system.env.TMPDIR || os.tmpdir(), `quire-${system.uid}`),
    platform: system.platform,
    arch: system.arch,
    uid: system.uid,
    pid: system.pid,
    kernelRelease: os.release(),
    now: system.now,
    uniqueName: () => Buffer.from(system.randomBytes(8)).toString("hex"),
  };
}

/**
 * Makes sure that commands can be confined before a turn begins. The answer is remembered per machine, so this costs a
 * file look-up. Fails with `sandbox_unavailable`; nothing ever falls back to running unconfined.
 */
export async function requireSandbox(mode: SandboxMode, deps: SandboxDeps): Promise<void> {
  if (!isConfined(mode)) return;
  const probe = await probeSandbox(deps);
  if (probe.ok) return;
  throw new CodedError("sandbox_unavailable", `commands cannot be confined here: ${probe.cause}`, {
    nextStep: `To fix it: ${probe.remedy}\n  Or, where a container is the boundary already: --sandbox external-sandbox.`,
  });
}

export function openSandbox(
  place: WorkspaceFolders,
  config: QuireConfig,
  mode: SandboxMode,
  deps: SandboxDeps,
): Sandbox {
  return createSandbox(sandboxPolicy(place, config, mode), deps);
}

/** What commands may do in this place under this configuration. */
export function sandboxPolicy(
  place: WorkspaceFolders,
  config: QuireConfig,
  mode: SandboxMode,
): SandboxPolicy {
  return {
    mode,
    workspaceRoots: [place.gitRoot ?? place.cwd],
    extraWritableRoots: place.extraWritableRoots,
    network: config.workspaceWrite.networkAccess && mode === "workspace-write" ? "on" : "off",
    environment: environmentPolicy(config),
  };
}

function environmentPolicy(config: QuireConfig): EnvironmentPolicy {
  const { inherit, exclude, includeOnly, set } = config.shellEnvironment;
  return {
    inherit,
    exclude,
    set,
    ...(includeOnly === null ? {} : { allow: includeOnly }),
  };
}
