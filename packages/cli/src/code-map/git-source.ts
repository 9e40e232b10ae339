import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { type FileSource, statId, walkingSource } from "@quire/code-map";
import { openRepository } from "../review/open-repository.ts";
import { findGitRoot } from "../session/workspace.ts";
import type { System } from "../system.ts";

/** Commits whose files count as changed lately. */
const RECENT_COMMITS = 300;

/** The files of a root as its git sees them; a walk where git cannot be used, or `root` is only a part of the checkout. */
export function fileSource(root: string, system: System, home: string): FileSource {
  const walk = walkingSource(root);
  if (findGitRoot(root) !== root) return walk;
  const place = { gitRoot: root, cwd: root };
  let walked = false;
  return {
    async list(signal) {
      const git = await openRepository(place, system, home).catch(() => null);
      const listed = await git?.treeFiles({ signal }).finally(() => git.close());
      signal.throwIfAborted();
      walked = listed?.kind !== "ok";
      if (listed?.kind !== "ok") return walk.list(signal);
      const { fingerprint, unstored, files } = listed.value;
      const ids = new Map(unstored().map((file) => [file, idByStat(path.join(root, file))]));
      return {
        fingerprint: createHash("sha1")
          .update(JSON.stringify([fingerprint, ...ids]))
          .digest("hex"),
        files: () =>
          files().flatMap(({ path: file, blob }) => {
            const id = blob ?? ids.get(file) ?? null;
            return id === null ? [] : [{ path: file, id }];
          }),
      };
    },
    async changeTimes(signal) {
      if (walked) return walk.changeTimes(signal);
      const git = await openRepository(place, system, home).catch(() => null);
      const times = await git?.changeTimes(RECENT_COMMITS, { signal }).finally(() => git.close());
      return times?.kind === "ok" ? times.value : new Map();
    },
  };
}

/** Null for what is gone or no file. */
function idByStat(file: string): string | null {
  const facts = fs.lstatSync(file, { throwIfNoEntry: false });
  return facts?.isFile() ? statId(facts) : null;
}
