import os from "node:os";
import path from "node:path";
import type { QuireConfig } from "@quire/config";
import { isConfined } from "@quire/core";
import { CodedError, type SandboxMode } from "@quire/protocol";
import {
  createSandbox,
  type EnvironmentPolicy,
  liesInProtected,
  type ProxyRules,
  probeSandbox,
  type Sandbox,
  type SandboxDeps,
  type SandboxPolicy,
} from "@quire/sandbox";
import type { System } from "../system.ts";
import { describeFileRules, fileRules, unkeptGrants } from "./file-rules.ts";
import type { SessionWarning } from "./session-request.ts";
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
 * file look-up. Fails with `sandbox_unavailable`; nothing ever falls back to running unconfined. Gives back what does not
 * hold here although commands are confined.
 */
export async function requireSandbox(mode: SandboxMode, deps: SandboxDeps): Promise<SessionWarning[]> {
  if (!isConfined(mode)) return [];
  const probe = await probeSandbox(deps);
  if (probe.ok) {
    const { weakness } = probe;
    return weakness === undefined
      ? []
      : [{ code: "sandbox_weakened", message: `${weakness.message}; ${weakness.remedy}` }];
  }
  throw new CodedError("sandbox_unavailable", `commands cannot be confined here: ${probe.cause}`, {
    nextStep: `To fix it: ${probe.remedy}\n  Or, where a container is the boundary already: --sandbox external-sandbox.`,
  });
}

/** What a permission profile comes to in this place, a line each, for people and models; none without a profile. */
export function permissionLines(place: WorkspaceFolders, config: QuireConfig, mode: SandboxMode): string[] {
  const policy = sandboxPolicy(place, config, mode);
  if (policy.files === undefined) return [];
  const entries = policy.files.entries.map((entry) =>
    entry.access === "write" && liesInProtected(entry.path, policy)
      ? { ...entry, access: "read" as const }
      : entry,
  );
  return describeFileRules({ ...policy.files, entries });
}

/** What a permission profile asks for in this place and does not get. */
export function unkeptPermissions(
  place: WorkspaceFolders,
  config: QuireConfig,
  mode: SandboxMode,
): SessionWarning[] {
  const policy = sandboxPolicy(place, config, mode);
  return unkeptGrants(policy.files, (file) => liesInProtected(file, policy)).map((message) => ({
    code: "permission_not_given",
    message,
  }));
}

/** `rules`: what commands may reach, in place of the configured hosts alone. */
export function openSandbox(
  place: WorkspaceFolders,
  config: QuireConfig,
  mode: SandboxMode,
  deps: SandboxDeps,
  rules?: ProxyRules,
): Sandbox {
  const policy = sandboxPolicy(place, config, mode);
  const narrowed = rules !== undefined && mode === "workspace-write";
  return createSandbox(narrowed ? { ...policy, network: { proxy: rules } } : policy, deps);
}

/** What commands may do in this place under this configuration. Credentials are no part of it. */
export function sandboxPolicy(
  place: WorkspaceFolders,
  config: QuireConfig,
  mode: SandboxMode,
): SandboxPolicy {
  const files = isConfined(mode) ? fileRules(place, config) : undefined;
  return {
    mode,
    workspaceRoots: [place.gitRoot ?? place.cwd],
    extraWritableRoots: place.extraWritableRoots,
    ...(files === undefined ? {} : { files }),
    network: networkPolicy(config, mode),
    environment: environmentPolicy(config),
    ...(place.readableFolders === undefined ? {} : { readAllow: place.readableFolders }),
  };
}

/** Rules narrow a network that is on as well. */
function networkPolicy(
  { network, workspaceWrite }: QuireConfig,
  mode: SandboxMode,
): SandboxPolicy["network"] {
  if (mode !== "workspace-write") return "off";
  if (network.enabled) return { proxy: { allow: network.allow, deny: network.deny } };
  return workspaceWrite.networkAccess ? "on" : "off";
}

function environmentPolicy(config: QuireConfig): EnvironmentPolicy {
  const { inherit, exclude, includeOnly, set } = config.shellEnvironment;
  return {
    inherit,
    exclude: [...exclude, ...variablesOfCredentials(config)],
    set,
    ...(includeOnly === null ? {} : { allow: includeOnly }),
  };
}

/** The proxy and the search use them; commands must not see them, whatever they inherit. */
function variablesOfCredentials({ network, webSearchService }: QuireConfig): string[] {
  const credentials = Object.values(network.credentials).flatMap(({ source }) =>
    source.kind === "env" ? [source.name] : [],
  );
  const search = webSearchService?.key?.env;
  return search === undefined ? credentials : [...credentials, search];
}
