import type { McpServerConfig } from "@quire/config";
import type { ServerProcess, SpawnServer } from "@quire/mcp";
import {
  type CommandExit,
  createSandbox,
  type RunningCommand,
  type Sandbox,
  type SandboxDeps,
  type SandboxPolicy,
} from "@quire/sandbox";
import { sandboxPolicy } from "../sandbox-parts.ts";
import type { SessionRequest } from "../session-request.ts";

/** Starts the servers' programs, each in a sandbox of its own. Owns the sandboxes. */
export interface McpSpawner {
  readonly spawn: SpawnServer;
  /** The servers get new sandboxes when they are started next; the returned function closes those that they had. */
  renew(servers: readonly string[]): () => Promise<void>;
  close(): Promise<void>;
}

/**
 * A server is a stranger's program, so it runs confined as commands are, unless the user said otherwise for it. `configOf`
 * is how a server is configured now.
 */
export function mcpSpawner(
  request: SessionRequest,
  deps: SandboxDeps,
  configOf: (server: string) => McpServerConfig | undefined,
): McpSpawner {
  const sandboxes = new Map<string, Sandbox>();
  return {
    async spawn({ server, argv, cwd, env }) {
      const config = configOf(server);
      if (config === undefined) return { kind: "failed", message: `there is no server ${server}` };
      const sandbox = sandboxes.get(server) ?? createSandbox(policyFor(config, request), deps);
      sandboxes.set(server, sandbox);
      const started = await sandbox.start({ argv, cwd: cwd ?? request.workspace.cwd, env, stdin: "pipe" });
      if (started.kind === "started") return { kind: "started", process: serverProcess(started.command) };
      return { kind: "failed", message: started.kind === "failed" ? started.message : started.reason.cause };
    },
    renew(servers) {
      const old = servers.flatMap((server) => sandboxes.get(server) ?? []);
      for (const server of servers) sandboxes.delete(server);
      return async () => {
        await Promise.all(old.map((sandbox) => sandbox.close()));
      };
    },
    async close() {
      await Promise.all([...sandboxes.values()].map((sandbox) => sandbox.close()));
    },
  };
}

/** What the server may do, and the little that it inherits of our environment. */
function policyFor({ transport }: McpServerConfig, { workspace, loaded }: SessionRequest): SandboxPolicy {
  const confined = transport.kind === "stdio" && transport.sandbox;
  const policy = sandboxPolicy(
    workspace,
    loaded.config,
    confined ? workspace.sandboxMode : "danger-full-access",
  );
  const network = transport.kind === "stdio" ? transport.networkAccess : null;
  return {
    ...policy,
    ...(network === null ? {} : { network: network ? "on" : "off" }),
    environment: { inherit: "core", allow: transport.kind === "stdio" ? transport.envVars : [] },
  };
}

/** A running command as a server that is talked to over its standard streams. */
export function serverProcess(command: RunningCommand): ServerProcess {
  return {
    onOutput: (listener) =>
      command.onOutput((chunk, stream) => listener(chunk, stream === "stderr" ? "stderr" : "stdout")),
    write: (data) => command.write(data),
    endInput: () => command.endInput(),
    get ended() {
      return command.exited.then(howItEnded);
    },
    kill: () => command.kill(),
  };
}

function howItEnded(exit: CommandExit): string {
  switch (exit.kind) {
    case "exited":
      return `exit code ${exit.code}`;
    case "signaled":
      return exit.signal;
    case "failed":
      return exit.message;
  }
}
