import { failure, type GitFailure } from "./outcome.ts";

const LONGEST_REVISION = 1000;

/** Why `revision` must not reach a command line, or undefined when it may. */
export function revisionProblem(revision: string): GitFailure | undefined {
  const fine =
    revision.length > 0 &&
    revision.length <= LONGEST_REVISION &&
    !revision.startsWith("-") &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
    !/[\0-\x1f\x7f]/.test(revision);
  if (fine) return undefined;
  return failure(
    "bad-argument",
    `${JSON.stringify(revision.slice(0, 80))} cannot be a revision; give a branch, a tag or a commit`,
  );
}

/** Why one of `paths` is not a path inside a checkout, or undefined when all are. */
export function pathsProblem(paths: readonly string[]): GitFailure | undefined {
  const bad = paths.find(
    (path) =>
      path === "" ||
      path.startsWith("/") ||
      path.includes("\0") ||
      path.split("/").some((segment) => segment === ".." || segment.toLowerCase() === ".git"),
  );
  if (bad === undefined) return undefined;
  return failure(
    "bad-argument",
    `${JSON.stringify(bad.slice(0, 200))} is no path inside the checkout; give it relative to its root, without ..`,
  );
}
