import { type ChildProcess, spawn } from "node:child_process";
import type { DescriptorTable } from "./inherited-descriptors.ts";
import type { PipePool } from "./pipe-pool.ts";
import { openStandardEnds, type StandardEnds, type StandardStreams } from "./standard-streams.ts";

/** One process to start on the host. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly descriptors: DescriptorTable;
  /** Start in a new session, away from signals typed at our terminal. */
  readonly ownSession: boolean;
}

export type Standard =
  | { readonly kind: "pipes"; readonly stdin: "pipe" | "ignore"; readonly pool?: PipePool | undefined }
  /** The device side of a terminal; the program itself must make it its controlling terminal. */
  | { readonly kind: "terminal"; readonly descriptor: number }
  | { readonly kind: "inherit" };

export type Launched =
  | {
      readonly kind: "running";
      readonly child: ChildProcess;
      readonly pid: number;
      readonly streams: StandardStreams;
    }
  | { readonly kind: "failed"; readonly message: string };

/** Starts a process. Never throws for a failed start. */
export async function launch(plan: Launch, standard: Standard): Promise<Launched> {
  const ends = await endsFor(standard);
  let child: ChildProcess;
  try {
    child = spawn(plan.file, [...plan.args], {
      cwd: plan.cwd,
      env: { ...plan.env },
      detached: plan.ownSession,
      stdio: [...ends.child, ...plan.descriptors.slots],
    });
  } catch (error) {
    ends.abandon();
    return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
  if (child.pid !== undefined) {
    // After a successful start Node reports only failures to send a signal here; those are looked at where we signal.
    child.on("error", () => undefined);
    return { kind: "running", child, pid: child.pid, streams: ends.connect(child) };
  }
  ends.abandon();
  const error = await new Promise<Error>((resolve) => child.once("error", resolve));
  return { kind: "failed", message: error.message };
}

async function endsFor(standard: Standard): Promise<StandardEnds | FixedEnds> {
  if (standard.kind === "pipes") return openStandardEnds(standard.stdin, standard.pool);
  const end = standard.kind === "terminal" ? standard.descriptor : "inherit";
  const connect = (): StandardStreams => ({ stdin: null, stdout: null, stderr: null });
  return { child: [end, end, end], connect, abandon: () => undefined };
}

/** Streams that belong to someone else. */
type FixedEnds = Omit<StandardEnds, "child"> & { readonly child: readonly (number | "inherit")[] };
