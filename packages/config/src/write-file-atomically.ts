import { constants } from "node:fs";
import { mkdir, open, realpath, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CodedError } from "@quire/protocol";
import { errnoOf } from "./config-fs.ts";

const LOCK_TRIES = 40;
const LOCK_WAIT_MS = 50;
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/**
 * Rewrites a file as a whole: readers see the old or the new text, also after a crash. Two writers take turns. The
 * file is private to the user (0600); a link is followed and stays a link. Missing folders are made.
 * @throws CodedError `storage_failed` when another writer holds on to the file; file system errors as they are
 */
export async function rewriteFile(
  path: string,
  change: (text: string | null) => Promise<string>,
  signal?: AbortSignal,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
  const target = await targetOf(path);
  const temporary = `${target}.lock`;
  const handle = await openExclusively(temporary, target, signal);
  try {
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

/** The new file is the lock as well: it exists only while someone writes. */
async function openExclusively(temporary: string, target: string, signal: AbortSignal | undefined) {
  for (let attempt = 0; attempt < LOCK_TRIES; attempt++) {
    try {
      return await open(temporary, "wx", PRIVATE_FILE);
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw error;
      await delay(LOCK_WAIT_MS, undefined, signal === undefined ? {} : { signal });
    }
  }
  throw new CodedError(
    "storage_failed",
    `${target} was not written: ${temporary} has been there for two seconds.`,
    {
      retryable: true,
      nextStep: `If no other Quire is writing its configuration, remove ${temporary}.`,
    },
  );
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
