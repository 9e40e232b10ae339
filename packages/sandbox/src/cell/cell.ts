import type { ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { NamespaceLifetime } from "../bubblewrap/namespace-lifetime.ts";
import { probeBubblewrap } from "../bubblewrap/probe.ts";
import type { SandboxUnavailable } from "../command.ts";
import type { SandboxDeps } from "../deps.ts";
import { findHostPrograms } from "../host-programs.ts";
import { ControlGroup } from "../limits/control-group.ts";
import { limitCommand } from "../limits/limit-command.ts";
import { descriptorTable } from "../process/inherited-descriptors.ts";
import { launch } from "../process/launch.ts";
import { scratchFile } from "../protect/scratch-file.ts";
import { makeRuntimeFolder } from "../runtime-folder.ts";
import { seccompFilter } from "../seccomp/filter.ts";
import type { FilterArch } from "../seccomp/system-calls.ts";
import { CELL_DESCRIPTOR, cellOptions } from "./cell-options.ts";
import type { CellSpec } from "./cell-spec.ts";

const STATUS_BYTES = 512;

/** A program that runs in its cell, as the first process there: nothing inside can signal it. */
export interface Cell {
  /** Of the sandbox program on the host. */
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves, never rejects, when every process of the cell is gone. */
  readonly exited: Promise<void>;
  /** Ends everything inside at once. May be called twice. */
  kill(): Promise<void>;
}

export type CellOutcome =
  | { readonly kind: "started"; readonly cell: Cell }
  | { readonly kind: "unavailable"; readonly reason: SandboxUnavailable }
  | { readonly kind: "failed"; readonly message: string };

/**
 * Starts a long-lived program that runs code nobody vouches for: system folders and `visible` read-only, no /proc
 * unless it is asked for, no network, no capabilities, no way to see or signal the host. Made for programs that serve
 * many requests; a command of a user's belongs in a {@link Sandbox}. Never starts anything with less confinement.
 */
export async function startCell(spec: CellSpec, given: SandboxDeps): Promise<CellOutcome> {
  if (given.platform !== "linux") return { kind: "unavailable", reason: unsupported(given.platform) };
  const deps = { ...given, runtimeDir: makeRuntimeFolder(given) };
  const probe = await probeBubblewrap(
    { programs: findHostPrograms(deps.env.PATH, []), freshProc: true },
    deps,
  );
  if (!probe.ok) return { kind: "unavailable", reason: probe.reason };
  const { bwrap, sh } = probe.programs;
  const name = deps.uniqueName();
  const filter = seccompFilter({ arch: deps.arch as FilterArch, unixSockets: false, ptrace: false });
  const files = [
    scratchFile(deps.runtimeDir, `${name}-filter`, filter),
    scratchFile(deps.runtimeDir, `${name}-options`, `${cellOptions(spec, probe.features).join("\0")}\0`),
  ];
  const status = scratchFile(deps.runtimeDir, `${name}-status`, " ".repeat(STATUS_BYTES));
  const descriptors = descriptorTable([...files, status]);
  try {
    const args = [CELL_DESCRIPTOR.options, ...descriptors.masked].flatMap((number) => [
      "--args",
      String(number),
    ]);
    const argv = [...limitCommand(sh, spec.limits), ...spec.argv];
    const launched = await launch(
      { file: bwrap, args: [...args, "--", ...argv], env: {}, cwd: "/", descriptors, ownSession: true },
      { kind: "pipes", stdin: "pipe" },
    );
    if (launched.kind === "failed") {
      closeSync(status);
      return launched;
    }
    const group = ControlGroup.create(spec.limits, deps, probe.processLimit);
    const admission = group?.admit(launched.pid) ?? Promise.resolve("inside" as const);
    const outcome = started(launched.child, launched.pid, status, group, admission);
    // Before it serves anybody: what multiplies does so faster than it is moved.
    if ((await admission) !== "outside") return outcome;
    await outcome.cell.kill();
    return { kind: "failed", message: "the program's processes could not be put into a control group" };
  } finally {
    descriptors.close();
    for (const file of files) closeSync(file);
  }
}

function started(
  child: ChildProcess,
  pid: number,
  statusDescriptor: number,
  group: ControlGroup | undefined,
  admission: Promise<unknown>,
): Extract<CellOutcome, { kind: "started" }> {
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new TypeError("a cell is always started with pipes");
  const lifetime = new NamespaceLifetime({ pid, statusDescriptor, finish: () => Promise.resolve([]) });
  // The program may end while something is being written to it; `exited` tells.
  stdin.on("error", () => undefined);
  let over = false;
  const exited = (async () => {
    await new Promise((resolve) => child.once("exit", resolve));
    await lifetime.settle();
    await admission;
    over = true;
    await lifetime.finish();
    group?.close();
  })();
  const kill = (): Promise<void> => {
    if (!over) lifetime.signal("SIGKILL");
    return exited;
  };
  return { kind: "started", cell: { pid, stdin, stdout, stderr, exited, kill } };
}

function unsupported(platform: string): SandboxUnavailable {
  return {
    code: "platform-unsupported",
    cause: `programs cannot be confined on ${platform}`,
    remedy: "use Linux (WSL 2 on Windows)",
  };
}
