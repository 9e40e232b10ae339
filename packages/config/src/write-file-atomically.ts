import { constants } from "node:fs";
import { mkdir, open, realpath, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { errnoOf } from "./config-fs.ts";
import { claimWrite } from "./write-claim.ts";

const PRIVATE_FOLDER = 0o700;

/**
 * Rewrites a file as a whole: readers see the old or the new text, also after a crash. Two writers take turns. The
 * file is private to the user (0600); a link is followed and stays a link. Missing folders are made. A crash in the
 * middle leaves nothing that would keep the next writer away.
 * @throws CodedError `storage_failed` when another writer holds on to the file; file system errors as they are
 */
export async function rewriteFile(
  path: string,
  change: (text: string | null) => Promise<string>,
  signal?: AbortSignal,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
  const target = await targetOf(path);
  const { path: temporary } = await claimWrite(target, signal);
  try {
    const handle = await open(temporary, "w");
    try {
      await handle.writeFile(await change(await readOrNull(target)));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(target));
}

async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return path;
    throw error;
  }
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      return await handle.readFile("utf8");
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  try {
    const handle = await open(path, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Some file systems cannot sync a folder; the rename itself has happened.
  }
}
