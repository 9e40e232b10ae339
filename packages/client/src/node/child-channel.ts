import { spawn } from "node:child_process";
import type { MessageChannel, MessageListener } from "../message-channel.ts";
import { frameSplitter } from "./frame-splitter.ts";

export interface ChildChannelOptions {
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  cwd?: string;
  /** How long the child may take to end by itself after `close`. Default 5 s. */
  killAfterMs?: number;
}

const STDERR_KEPT = 4096;
const DEFAULT_KILL_AFTER_MS = 5000;

/** A channel whose child can be told not to keep this process alive. */
export interface ChildChannel extends MessageChannel {
  ref(): void;
  /** This process may end although the child is there; the child then ends as its input does. */
  unref(): void;
}

/** Starts an app-server as a child process and talks to it over its standard streams. */
export function childChannel(options: ChildChannelOptions): ChildChannel {
  const child = spawn(options.command, [...options.args], {
    env: { ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let listener: MessageListener | null = null;
  let said = "";
  let over = false;
  let killTimer: NodeJS.Timeout | null = null;

  function finish(reason: string | null): void {
    if (over) return;
    over = true;
    if (killTimer !== null) clearTimeout(killTimer);
    listener?.closed(reason);
  }

  child.stderr.setEncoding("utf8");
  child.stderr.on("data", (text: string) => {
    said = (said + text).slice(-STDERR_KEPT);
  });
  child.stdout.setEncoding("utf8");
  const split = frameSplitter((line) => listener?.frame(line));
  child.stdout.on("data", (text: string) => split(text));
  // The child ended in the middle of a write; its exit says why.
  child.stdin.on("error", () => undefined);
  child.on("error", (cause) => finish(`${options.command} could not be started: ${cause.message}`));
  child.on("close", (code, signal) => {
    const how = signal === null ? `code ${code}` : `signal ${signal}`;
    finish(
      code === 0 ? null : `${options.command} ended with ${how}${said === "" ? "" : `: ${said.trim()}`}`,
    );
  });

  const handles = [child, child.stdin, child.stdout, child.stderr];
  return {
    ref: () => handles.forEach(keepAlive),
    unref: () => handles.forEach(letGo),
    listen(next) {
      listener = next;
    },
    send(frame) {
      if (!over && child.stdin.writable) child.stdin.write(`${frame}\n`);
    },
    close() {
      if (over || killTimer !== null) return;
      child.stdin.end();
      killTimer = setTimeout(() => child.kill("SIGKILL"), options.killAfterMs ?? DEFAULT_KILL_AFTER_MS);
    },
  };
}

/** Pipes have both methods although their declared type, a plain stream, does not say so. */
function keepAlive(handle: object): void {
  if ("ref" in handle && typeof handle.ref === "function") handle.ref();
}

function letGo(handle: object): void {
  if ("unref" in handle && typeof handle.unref === "function") handle.unref();
}
