import { type ChildProcess, spawn } from "node:child_process";
import type { ServerProcess, SpawnServer } from "../src/index.ts";

/** A plain process group per server; what the sandbox does in the product. */
export function spawnOnHost(): { spawn: SpawnServer; running: Set<number> } {
  const running = new Set<number>();
  return {
    running,
    spawn: async ({ argv, cwd, env }) => {
      const [file = "", ...args] = argv;
      const child = spawn(file, args, {
        cwd: cwd ?? undefined,
        env: { PATH: process.env.PATH ?? "", ...env },
        detached: true,
        stdio: "pipe",
      });
      const started = await new Promise<string | null>((resolve) => {
        child.once("spawn", () => resolve(null));
        child.once("error", (error) => resolve(error.message));
      });
      if (started !== null || child.pid === undefined)
        return { kind: "failed", message: started ?? "no pid" };
      running.add(child.pid);
      child.once("exit", () => running.delete(child.pid ?? 0));
      return { kind: "started", process: asServerProcess(child, child.pid) };
    },
  };
}

function asServerProcess(child: ChildProcess, pid: number): ServerProcess {
  const ended = new Promise<string>((resolve) => {
    child.once("close", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  child.stdin?.on("error", () => undefined);
  return {
    onOutput(listener) {
      child.stdout?.on("data", (chunk: Buffer) => listener(chunk, "stdout"));
      child.stderr?.on("data", (chunk: Buffer) => listener(chunk, "stderr"));
    },
    write: (data) => new Promise((resolve) => child.stdin?.write(data, (error) => resolve(!error))),
    endInput: () => void child.stdin?.end(),
    ended,
    async kill() {
      try {
        process.kill(-pid, "SIGKILL");
      } catch {
        // Gone already.
      }
      await ended;
    },
  };
}
