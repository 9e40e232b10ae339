import type { Sandbox } from "@quire/sandbox";

/** How a command in a container ended. */
export type CommandOutcome =
  | { kind: "exit"; code: number; stdout: string; stderr: string }
  | { kind: "timeout"; stdout: string; stderr: string }
  | { kind: "not-run"; why: string };

export interface CommandRequest {
  argv: readonly string[];
  cwd: string;
  timeoutMs: number;
  /** Of each stream; the rest is counted and dropped. */
  maxOutputBytes: number;
}

/** Runs one command to its end, with nothing on its standard input. Never rejects. */
export async function runConfined(
  sandbox: Sandbox,
  request: CommandRequest,
  deps: { setTimer: (callback: () => void, ms: number) => () => void; signal: AbortSignal },
): Promise<CommandOutcome> {
  const started = await sandbox.start({ argv: request.argv, cwd: request.cwd }, { signal: deps.signal });
  if (started.kind === "unavailable") {
    return { kind: "not-run", why: `${started.reason.cause} (${started.reason.remedy})` };
  }
  if (started.kind === "failed") return { kind: "not-run", why: started.message };
  const { command } = started;
  const output = {
    stdout: new KeptOutput(request.maxOutputBytes),
    stderr: new KeptOutput(request.maxOutputBytes),
  };
  command.onOutput((chunk, stream) => output[stream === "stderr" ? "stderr" : "stdout"].add(chunk));
  let timedOut = false;
  const kill = () => void command.kill();
  const cancel = deps.setTimer(() => {
    timedOut = true;
    kill();
  }, request.timeoutMs);
  deps.signal.addEventListener("abort", kill, { once: true });
  const exit = await command.exited;
  cancel();
  deps.signal.removeEventListener("abort", kill);
  const said = { stdout: output.stdout.text(), stderr: output.stderr.text() };
  if (timedOut) return { kind: "timeout", ...said };
  if (deps.signal.aborted) return { kind: "not-run", why: "the response was cancelled" };
  switch (exit.kind) {
    case "exited":
      return { kind: "exit", code: exit.code, ...said };
    case "signaled":
      return { kind: "exit", code: 128, ...said, stderr: `${said.stderr}\n[ended by ${exit.signal}]` };
    case "failed":
      return { kind: "not-run", why: exit.message };
  }
}

/** The beginning of a stream, and how much more there was. */
class KeptOutput {
  readonly #max: number;
  readonly #pieces: Buffer[] = [];
  #kept = 0;
  #dropped = 0;

  constructor(max: number) {
    this.#max = max;
  }

  add(chunk: Buffer): void {
    const room = this.#max - this.#kept;
    const piece = chunk.subarray(0, Math.max(0, room));
    if (piece.length > 0) this.#pieces.push(Buffer.from(piece));
    this.#kept += piece.length;
    this.#dropped += chunk.length - piece.length;
  }

  text(): string {
    const text = Buffer.concat(this.#pieces).toString("utf8");
    return this.#dropped === 0 ? text : `${text}\n[${this.#dropped} more bytes left out]`;
  }
}
