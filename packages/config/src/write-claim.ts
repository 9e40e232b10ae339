import { setTimeout as delay } from "node:timers/promises";
import { CodedError } from "@quire/protocol";
import { claimFile } from "./file-claim.ts";

const TRIES = 60;

/** The right to replace a file, held in the shape of the empty file that will replace it. */
export interface WriteClaim {
  /** Beside the target; write it, then rename it onto the target. */
  path: string;
}

/**
 * Waits until no other process rewrites `target`: whoever sees the claim of a living process withdraws and tries again.
 * @throws CodedError `storage_failed` when a living process does not let go within about three seconds
 */
export async function claimWrite(target: string, signal: AbortSignal | undefined): Promise<WriteClaim> {
  for (let attempt = 0; ; attempt++) {
    const { claim, rival } = claimFile(target);
    if (rival === null) return { path: claim.path };
    claim.release();
    if (attempt >= TRIES) {
      throw new CodedError(
        "storage_failed",
        `${target} was not written: ${rival.path} has been there for seconds.`,
        {
          retryable: true,
          nextStep: `If no other Quire is writing its configuration, remove ${rival.path}.`,
        },
      );
    }
    // Writers wait differently long, or they would meet again and again.
    const wait = 15 + ((process.pid * 7 + attempt * 13 + claim.number * 29) % 67);
    await delay(wait, undefined, signal === undefined ? {} : { signal });
  }
}
