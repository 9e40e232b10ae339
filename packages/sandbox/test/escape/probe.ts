import type { World } from "./world.ts";

export type ProbedMode = "workspace-write" | "read-only";

/**
 * One thing to try inside a sandbox. A `must` script prints ESCAPED when something forbidden worked; a `works` script
 * exits with 0 when something ordinary works. Scripts are bash and find the world in variables, see {@link World}.
 */
export interface Probe {
  readonly id: string;
  readonly level: "must" | "works";
  readonly script: string;
  /** Both when missing. */
  readonly modes?: readonly ProbedMode[];
  readonly tty?: boolean;
  /** Left out, visibly, where this program is missing. */
  readonly needs?: string;
  /** What happens on the host after a sandbox was made ready for the script and before it runs. */
  readonly meanwhile?: (world: World) => void;
  /** Looks from outside afterwards; text is the evidence of an escape. */
  readonly outside?: (world: World) => string | undefined;
}

export function must(id: string, script: string, extra: Partial<Probe> = {}): Probe {
  return { id, level: "must", script, ...extra };
}

export function works(id: string, script: string, extra: Partial<Probe> = {}): Probe {
  return { id, level: "works", script, ...extra };
}

export const WRITING: Partial<Probe> = { modes: ["workspace-write"] };
