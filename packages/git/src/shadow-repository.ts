import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ConfigEntry, formatConfiguration } from "./configuration.ts";
import type { RepositoryLocation } from "./repository-location.ts";

/** What git looks for in the common folder and may find there. Hooks and configuration are not among it. */
const SHARED_PARTS = ["objects", "refs", "packed-refs", "reftable", "logs", "info", "shallow"];

/**
 * A stand-in for a repository's common folder: links to its data, beside a configuration of our own and no hooks.
 * git run with it never opens the repository's own configuration.
 */
export interface ShadowRepository {
  /** For GIT_COMMON_DIR. */
  readonly commonDir: string;
  /** Ours, empty; for index files that are thrown away. */
  readonly scratchDir: string;
  /** Removes both. May be called twice. */
  close(): void;
}

/** Made below `parentDir`, which must lie outside every folder that commands may write to. */
export function makeShadowRepository(
  location: RepositoryLocation,
  entries: readonly ConfigEntry[],
  parentDir: string,
): ShadowRepository {
  mkdirSync(parentDir, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(parentDir, "git-"));
  chmodSync(folder, 0o700);
  const commonDir = join(folder, "common");
  const scratchDir = join(folder, "scratch");
  mkdirSync(commonDir);
  mkdirSync(scratchDir);
  writeFileSync(join(commonDir, "config"), formatConfiguration(entries));
  for (const part of SHARED_PARTS) symlinkSync(join(location.commonDir, part), join(commonDir, part));
  return { commonDir, scratchDir, close: () => rmSync(folder, { recursive: true, force: true }) };
}
