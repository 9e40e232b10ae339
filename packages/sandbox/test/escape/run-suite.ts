import { execFileSync } from "node:child_process";
import { createSandbox, type Sandbox } from "../../src/index.ts";
import { FILE_PROBES } from "./file-probes.ts";
import { KERNEL_PROBES, MOST_PROCESSES } from "./kernel-probes.ts";
import { LEAK_PROBES } from "./leak-probes.ts";
import { METADATA_PROBES } from "./metadata-probes.ts";
import { NETWORK_PROBES } from "./network-probes.ts";
import { PREWARMING_PROBES } from "./prewarming-probes.ts";
import type { Probe, ProbedMode } from "./probe.ts";
import { SECRET_PROBES } from "./secret-probes.ts";
import { USABILITY_PROBES } from "./usability-probes.ts";
import { makeWorld, type World } from "./world.ts";

export const ALL_PROBES: readonly Probe[] = [
  ...FILE_PROBES,
  ...METADATA_PROBES,
  ...SECRET_PROBES,
  ...NETWORK_PROBES,
  ...KERNEL_PROBES,
  ...LEAK_PROBES,
  ...PREWARMING_PROBES,
  ...USABILITY_PROBES,
];

/** Many times what the longest probe takes on a busy machine. One that hangs tells nothing, so it counts as failed. */
const LONGEST_MS = 60_000;

/** Usually enough; what is not ready by then is a fresh one, which must hold as well. */
const PREPARED_MS = 80;

export interface ProbeResult {
  readonly id: string;
  readonly level: Probe["level"];
  readonly result: "passed" | "failed" | "skipped";
  readonly detail: string;
}

export interface SuiteResult {
  readonly mode: ProbedMode;
  readonly uid: number;
  readonly results: readonly ProbeResult[];
}

/** Tries every probe of a mode in one world, each in a sandbox of its own, and some in a prewarmed one. */
export async function runSuite(mode: ProbedMode, parent: string, prewarm: boolean): Promise<SuiteResult> {
  const world = await makeWorld(parent);
  const sandbox = createSandbox(
    {
      mode,
      workspaceRoots: [world.workspace],
      extraWritableRoots: [world.secondRoot],
      network: "off",
      environment: {},
      limits: { processes: MOST_PROCESSES },
    },
    world.deps,
  );
  const results: ProbeResult[] = [];
  try {
    for (const probe of ALL_PROBES.filter(({ modes }) => modes === undefined || modes.includes(mode))) {
      if (prewarm) sandbox.prewarm(world.workspace);
      results.push(await runProbe(probe, sandbox, world));
    }
  } finally {
    await sandbox.close();
    await world.close();
  }
  return { mode, uid: world.deps.uid, results };
}

async function runProbe(probe: Probe, sandbox: Sandbox, world: World): Promise<ProbeResult> {
  const { id, level } = probe;
  if (probe.needs !== undefined && !isInstalled(probe.needs)) {
    return { id, level, result: "skipped", detail: `${probe.needs} is not installed` };
  }
  if (probe.meanwhile !== undefined) {
    sandbox.prewarm(world.workspace);
    await new Promise((resolve) => setTimeout(resolve, PREPARED_MS));
    probe.meanwhile(world);
  }
  const outcome = await sandbox.start({
    argv: ["/bin/bash", "-c", probe.script],
    cwd: world.workspace,
    env: world.variables,
    ...(probe.tty ? { tty: { cols: 100, rows: 30 } } : {}),
  });
  if (outcome.kind !== "started") return { id, level, result: "failed", detail: JSON.stringify(outcome) };
  let output = "";
  outcome.command.onOutput((chunk) => {
    output = (output + chunk.toString("utf8")).slice(-2000);
  });
  let hangs = false;
  const timer = setTimeout(() => {
    hangs = true;
    void outcome.command.kill();
  }, LONGEST_MS);
  const exit = await outcome.command.exited;
  clearTimeout(timer);
  const detail = output.trim().replaceAll(/\s+/g, " ").slice(-200);
  if (exit.kind === "failed") return { id, level, result: "failed", detail: exit.message };
  if (hangs)
    return { id, level, result: "failed", detail: `it did not end within ${LONGEST_MS} ms: ${detail}` };
  if (level === "works") {
    return { id, level, result: exit.kind === "exited" && exit.code === 0 ? "passed" : "failed", detail };
  }
  const evidence = output.includes("ESCAPED") ? detail : probe.outside?.(world);
  return evidence === undefined
    ? { id, level, result: "passed", detail }
    : { id, level, result: "failed", detail: `outside: ${evidence}` };
}

function isInstalled(program: string): boolean {
  try {
    execFileSync("/bin/sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    // `command -v` fails for what is missing.
    return false;
  }
}

export function summarise(suite: SuiteResult): string {
  const count = (level: Probe["level"], result: ProbeResult["result"]): number =>
    suite.results.filter((entry) => entry.level === level && entry.result === result).length;
  const score = (level: Probe["level"]): string =>
    `${count(level, "passed")}/${count(level, "passed") + count(level, "failed")}`;
  const skipped = suite.results.filter((entry) => entry.result === "skipped").map((entry) => entry.id);
  return `${suite.mode} uid ${suite.uid}: contained ${score("must")}, usable ${score("works")}, skipped ${skipped.length}${skipped.length > 0 ? ` (${skipped.join(", ")})` : ""}`;
}
