import path from "node:path";
import { CodedError } from "@quire/protocol";
import type { FuzzyFileMatch } from "@quire/protocol/app-server";
import { matchedIndices, scorePath } from "./fuzzy-match.ts";

export interface FileSearchDeps {
  /** The files below a folder, relative to it, with forward slashes. */
  listFiles: (root: string, signal: AbortSignal) => Promise<string[]>;
  now: () => number;
}

export interface FileQuery {
  query: string;
  roots: readonly string[];
  /** A later query with the same token makes an earlier one end with nothing. */
  token: string | null;
  signal: AbortSignal;
}

export interface FileSearch {
  find(query: FileQuery): Promise<FuzzyFileMatch[]>;
}

interface Listing {
  paths: readonly string[];
  lower: readonly string[];
  readAtMs: number;
}

const MAX_RESULTS = 50;
/** When so many have been found, all but the best are let go: sorting few often is cheaper than sorting many once. */
const MAX_CANDIDATES = 2000;
/** A list this old is still used, and read again beside it. */
const FRESH_MS = 2000;
/** A list this old is not used any more. */
const STALE_MS = 60_000;
const MAX_LISTINGS = 8;
/** Between two looks at the clock and the signal. */
const CHUNK = 20_000;

/** Searches file names. The list of a folder is kept for a while, so that each key stroke costs only the matching. */
export function createFileSearch(deps: FileSearchDeps): FileSearch {
  const listings = new Map<string, Listing>();
  const reading = new Map<string, Promise<Listing>>();
  const latest = new Map<string, object>();

  function read(root: string): Promise<Listing> {
    const current = reading.get(root);
    if (current) return current;
    const started = (async () => {
      const paths = await deps.listFiles(root, AbortSignal.timeout(30_000));
      const listing = { paths, lower: paths.map((file) => file.toLowerCase()), readAtMs: deps.now() };
      listings.delete(root);
      listings.set(root, listing);
      for (const oldest of listings.keys()) {
        if (listings.size <= MAX_LISTINGS) break;
        listings.delete(oldest);
      }
      return listing;
    })().finally(() => reading.delete(root));
    reading.set(root, started);
    return started;
  }

  async function listingOf(root: string): Promise<Listing> {
    const known = listings.get(root);
    const age = known ? deps.now() - known.readAtMs : Number.POSITIVE_INFINITY;
    if (!known || age > STALE_MS) return read(root);
    // The next search sees what changed; a failure shows then as well.
    if (age > FRESH_MS) void read(root).catch(() => undefined);
    return known;
  }

  return {
    async find({ query, roots, token, signal }) {
      const self = {};
      if (token !== null) latest.set(token, self);
      const isOver = () => signal.aborted || (token !== null && latest.get(token) !== self);
      try {
        const letters = query.toLowerCase().replaceAll(" ", "");
        const found: Candidate[] = [];
        for (const root of roots) {
          if (!path.isAbsolute(root)) {
            throw new CodedError(
              "usage_invalid",
              `the search root ${JSON.stringify(root)} is not an absolute path`,
            );
          }
          await matchAll(letters, root, await listingOf(root), found, isOver);
        }
        return isOver() ? [] : keepBest(found).map((candidate) => asMatch(letters, candidate));
      } finally {
        if (token !== null && latest.get(token) === self) latest.delete(token);
      }
    },
  };
}

interface Candidate {
  root: string;
  path: string;
  lower: string;
  score: number;
}

async function matchAll(
  query: string,
  root: string,
  listing: Listing,
  found: Candidate[],
  isOver: () => boolean,
): Promise<void> {
  if (query === "") return;
  // What scores less than the worst of the best cannot be among them any more.
  let floor = 0;
  for (let index = 0; index < listing.paths.length; index++) {
    if (index % CHUNK === CHUNK - 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isOver()) return;
    }
    const lower = listing.lower[index] ?? "";
    const path = listing.paths[index] ?? "";
    const score = scorePath(query, lower, path);
    if (score < floor) continue;
    found.push({ root, path, lower, score });
    if (found.length >= MAX_CANDIDATES) floor = keepBest(found).at(-1)?.score ?? 0;
  }
}

/** The best first; of equals the shorter path, then the alphabet. */
function keepBest(found: Candidate[]): Candidate[] {
  found.sort(
    (a, b) =>
      b.score - a.score || a.path.length - b.path.length || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
  );
  found.length = Math.min(found.length, MAX_RESULTS);
  return found;
}

function asMatch(query: string, { root, path: file, lower, score }: Candidate): FuzzyFileMatch {
  return {
    root,
    path: file,
    match_type: "file",
    file_name: path.posix.basename(file),
    score,
    indices: matchedIndices(query, lower),
  };
}
