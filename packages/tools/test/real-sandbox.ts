import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { homedir, release, tmpdir } from "node:os";
import { join } from "node:path";
import { createSandbox, type Sandbox, type SandboxMode } from "@quire/sandbox";

export interface RealSandbox extends AsyncDisposable {
  readonly sandbox: Sandbox;
}

let names = 0;

/** The sandbox that users get, with its state in temporary folders. */
export function realSandbox(mode: SandboxMode, root: string): RealSandbox {
  const stateDir = mkdtempSync(join(tmpdir(), "quire-tools-state-"));
  const runtimeDir = mkdtempSync(join(tmpdir(), "quire-tools-runtime-"));
  const sandbox = createSandbox(
    {
      mode,
      workspaceRoots: [root],
      extraWritableRoots: [],
      network: "off",
      environment: { inherit: "core" },
    },
    {
      env: process.env,
      homeDir: homedir(),
      stateDir,
      runtimeDir,
      platform: process.platform,
      arch: process.arch,
      uid: process.getuid?.() ?? 1,
      pid: process.pid,
      kernelRelease: release(),
      now: () => Date.now(),
      uniqueName: () => `t${process.pid}n${++names}`,
    },
  );
  return {
    sandbox,
    async [Symbol.asyncDispose]() {
      await sandbox.close();
      await Promise.all([stateDir, runtimeDir].map((folder) => rm(folder, { recursive: true, force: true })));
    },
  };
}
