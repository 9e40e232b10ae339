import { claimFile } from "@quire/config";
import { CodedError } from "@quire/protocol";

/** The right to write a file, until it is let go. A crash lets go as well. */
export interface OnlyWriter {
  /** May be called twice. */
  release(): void;
}

/** Makes this process the only writer of `file`, or fails with `directory_unusable`. */
export function onlyWriter(file: string): OnlyWriter {
  const { claim, rival } = claimFile(file);
  if (rival === null) return claim;
  claim.release();
  throw new CodedError("directory_unusable", `${file} is being written by process ${rival.pid}`, {
    nextStep: `Let that run end, or give another place with --out. If there is none, remove ${rival.path}.`,
  });
}
