import { CodedError } from "@quire/protocol";

/** The fault of something that could not be written. A full disk has a code of its own, because room helps there. */
export function writeFault(place: string, cause: unknown): CodedError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") {
    return new CodedError("storage_full", `${place} has no room: ${reason}`, {
      cause,
      nextStep: "Make room, then run the same command again: whole rows are kept.",
    });
  }
  return new CodedError("directory_unusable", `${place} cannot be written: ${reason}`, {
    cause,
    nextStep: "Give a place that can be written.",
  });
}
