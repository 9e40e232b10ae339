import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import { dirname, join } from "node:path";
import {
  type CommandExit,
  type CommandSpec,
  createSandbox,
  type RunningCommand,
  type Sandbox,
  type SandboxDeps,
  type SandboxPolicy,
} from "../src/index.ts";

/** A home, a workspace and our own folders, all below one temporary folder that `remove` deletes. */
export interface Fixture {
  readonly base: string;
  readonly workspace: string;
  readonly deps: SandboxDeps;
  policy(changes?: Partial<SandboxPolicy>): SandboxPolicy;
  sandbox(changes?: Partial<SandboxPolicy>): Sandbox;
  /** Makes a file in the workspace, with its folders; gives its absolute path. */
  put(path: string, text?: string): string;
  remove(): Promise<void>;
}

/** What a sandbox must know of this process. */
export const PROCESS_FACTS = {
  platform: process.platform,
  arch: process.arch,
  uid: process.getuid?.() ?? -1,
  pid: process.pid,
  kernelRelease: os.release(),
  now: () => performance.now(),
  uniqueName: () => randomBytes(8).toString("hex"),
} satisfies Partial<SandboxDeps>;

export function makeFixture(env: Readonly<Record<string, string>> = {}): Fixture {
  // Not below /tmp: a sandbox has its own, where nothing outside the workspace exists and every escape would miss.
  const parent = process.getuid?.() === 0 ? "/var" : os.homedir();
  const base = realpathSync(mkdtempSync(join(parent, ".quire-sandbox-test-")));
  const workspace = join(base, "workspace");
  const homeDir = join(base, "home");
  for (const folder of [workspace, homeDir]) mkdirSync(folder);
  const deps: SandboxDeps = {
    env: { PATH: process.env.PATH, HOME: homeDir, LANG: "C.UTF-8", TERM: "xterm", ...env },
    homeDir,
    stateDir: join(homeDir, ".quire"),
    runtimeDir: join(base, "runtime"),
    ...PROCESS_FACTS,
  };
  const policy = (changes: Partial<SandboxPolicy> = {}): SandboxPolicy => ({
    mode: "workspace-write",
    workspaceRoots: [workspace],
    extraWritableRoots: [],
    network: "off",
    environment: {},
    ...changes,
  });
  const open: Sandbox[] = [];
  return {
    base,
    workspace,
    deps,
    policy,
    sandbox(changes) {
      const sandbox = createSandbox(policy(changes), deps);
      open.push(sandbox);
      return sandbox;
    },
    put(path, text = "") {
      const file = join(workspace, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    async remove() {
      await Promise.all(open.map((sandbox) => sandbox.close()));
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** Starts a command that is expected to start. */
export async function begin(
  sandbox: Sandbox,
  spec: CommandSpec,
  options: { readonly signal?: AbortSignal } = {},
): Promise<RunningCommand> {
  const outcome = await sandbox.start(spec, options);
  if (outcome.kind !== "started") throw new Error(`not started: ${JSON.stringify(outcome)}`);
  return outcome.command;
}

export interface Finished {
  readonly exit: CommandExit;
  readonly stdout: string;
  readonly stderr: string;
  readonly tty: string;
}

/** Collects a command's output until it ends. */
export async function collect(command: RunningCommand): Promise<Finished> {
  const text = { stdout: "", stderr: "", tty: "" };
  command.onOutput((chunk, stream) => {
    text[stream] += chunk.toString("utf8");
  });
  return { exit: await command.exited, ...text };
}

/** Runs a bash script to its end. */
export async function runScript(
  sandbox: Sandbox,
  cwd: string,
  script: string,
  changes: Partial<CommandSpec> = {},
): Promise<Finished> {
  return collect(await begin(sandbox, { argv: ["bash", "-c", script], cwd, ...changes }));
}
