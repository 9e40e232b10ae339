import { closeSync, openSync } from "node:fs";
import type { SandboxDeps } from "../deps.ts";
import { environmentFile } from "../network-proxy/listener-handoff.ts";
import type { ProxiedNetwork } from "../network-proxy/proxied-network.ts";
import { descriptorTable } from "../process/inherited-descriptors.ts";
import { type Launched, launch, type Standard } from "../process/launch.ts";
import { scratchFile } from "../protect/scratch-file.ts";
import { type ContainmentOptions, DESCRIPTOR, prepareOptions } from "./command-line.ts";
import { STATUS_BYTES } from "./namespace-lifetime.ts";

export interface ContainedLaunch {
  readonly bwrap: string;
  /** Absolute, a command that becomes the one that follows it; empty for none. */
  readonly entering: readonly string[];
  /** Descriptor of the filter's bytes; opened anew for each launch, because reading moves its position. */
  readonly filterDescriptor: number;
  readonly containment: ContainmentOptions;
  readonly argv: readonly string[];
  readonly standard: Standard;
  /** Gives the command a stream at {@link DESCRIPTOR.next}. */
  readonly script: boolean;
  /** Gives the command a way out of its private network. */
  readonly door?: NetworkDoor | undefined;
  /** Gives what is started the host's /proc, at {@link procDescriptor}; it must close it before anything else runs. */
  readonly hostProc?: boolean;
}

export interface NetworkDoor {
  readonly network: ProxiedNetwork;
  /** Absolute path on the host. */
  readonly perl: string;
}

export type ContainedLaunched =
  | (Extract<Launched, { kind: "running" }> & { readonly statusDescriptor: number })
  | Extract<Launched, { kind: "failed" }>
  | { readonly kind: "changed"; readonly reason: string };

/** Where the host's /proc is, behind what else is passed. A shell takes only numbers of one digit. */
export function procDescriptor(script: boolean, door: boolean): number {
  return DESCRIPTOR.next + (script ? 1 : 0) + (door ? 2 : 0);
}

/**
 * Starts bubblewrap with an empty environment, so that neither a preloaded library nor a secret is in it, and passes
 * options and filter as files without names.
 */
export async function launchContained(plan: ContainedLaunch, deps: SandboxDeps): Promise<ContainedLaunched> {
  const { door } = plan;
  const channel = DESCRIPTOR.next + (plan.script ? 1 : 0);
  // The door takes the command's variables on itself, once there is nothing left that they could disturb.
  const containment = door ? { ...plan.containment, environment: {} } : plan.containment;
  const afterDoor = procDescriptor(plan.script, door !== undefined);
  const preparation = prepareOptions(containment, afterDoor + (plan.hostProc ? 1 : 0));
  if (preparation.kind === "changed") return preparation;
  const { options } = preparation;
  const name = deps.uniqueName();
  const list = scratchFile(deps.runtimeDir, `${name}-options`, options.text);
  // With its room taken, so that bubblewrap cannot find the file system full.
  const status = scratchFile(deps.runtimeDir, `${name}-status`, " ".repeat(STATUS_BYTES));
  const variables =
    door &&
    scratchFile(deps.runtimeDir, `${name}-environment`, environmentFile(plan.containment.environment));
  const filter = openSync(`/proc/self/fd/${plan.filterDescriptor}`, "r");
  const proc = plan.hostProc ? openSync("/proc", "r") : undefined;
  const descriptors = descriptorTable([
    filter,
    list,
    status,
    ...(plan.script ? ["pipe" as const] : []),
    ...(variables === undefined ? [] : (["ipc", variables] as const)),
    ...(proc === undefined ? [] : [proc]),
    ...options.folders,
  ]);
  try {
    // Reading options from a descriptor also closes it: the empty ones get rid of what would be inherited.
    const args = [DESCRIPTOR.options, ...descriptors.masked].flatMap((number) => ["--args", String(number)]);
    const prefix = door?.network.command(door.perl, { channel, environment: channel + 1 }) ?? [];
    const [file = plan.bwrap, ...before] = [...plan.entering, plan.bwrap];
    const launched = await launch(
      {
        file,
        args: [...before, ...args, "--", ...prefix, ...plan.argv],
        env: {},
        cwd: "/",
        descriptors,
        ownSession: plan.standard.kind !== "inherit",
      },
      plan.standard,
    );
    if (launched.kind === "running") door?.network.attach(launched.child);
    if (launched.kind === "running") return { ...launched, statusDescriptor: status };
    closeSync(status);
    return launched;
  } finally {
    descriptors.close();
    options.close();
    closeSync(list);
    if (variables !== undefined) closeSync(variables);
    closeSync(filter);
    if (proc !== undefined) closeSync(proc);
  }
}
