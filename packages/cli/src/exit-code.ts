import type { ErrorInfo } from "@quire/protocol";

/** What the process says with its exit status; documented in the README and in `quire exec --help`. */
export const EXIT = {
  done: 0,
  failed: 1,
  wrongUse: 2,
  noSandbox: 3,
  declined: 4,
  interrupted: 130,
} as const;

/** The exit code that belongs to an error. */
export function exitCodeOf(error: ErrorInfo): number {
  switch (error.code) {
    case "usage_invalid":
    case "prompt_empty":
    case "image_invalid":
    case "schema_invalid":
    case "not_a_repository":
    case "directory_unusable":
      return EXIT.wrongUse;
    case "sandbox_unavailable":
      return EXIT.noSandbox;
    case "task_declined":
      return EXIT.declined;
    case "interrupted":
      return EXIT.interrupted;
    default:
      return EXIT.failed;
  }
}
