import { createHash } from "node:crypto";
import { join } from "node:path";
import * as z from "zod/mini";
import { type ConfigFs, isAbsence } from "./config-fs.ts";
import { decodeUtf8 } from "./toml.ts";
import { rewriteFile } from "./write-file-atomically.ts";

/** A file as it was when the user trusted it. */
export interface TrustedFile {
  readonly sha256: string;
  /** Kept, where it is short, so that a later change can be shown. */
  readonly text?: string | undefined;
}

/** By path relative to the project's root, with forward slashes. */
export type TrustedFiles = ReadonlyMap<string, TrustedFile>;

/** By the real path of the project's root. */
export type TrustRecords = ReadonlyMap<string, TrustedFiles>;

const KEPT_TEXT = 16 * 1024;

const RecordSchema = z.object({
  version: z.literal(1),
  projects: z.record(
    z.string(),
    z.object({ files: z.record(z.string(), z.object({ sha256: z.string(), text: z.optional(z.string()) })) }),
  ),
});
type Record = z.infer<typeof RecordSchema>;

function trustRecordFile(home: string): string {
  return join(home, "trust.json");
}

/** What was trusted, file by file. A missing or broken record trusts nothing. */
export async function readTrustRecords(home: string, fs: ConfigFs): Promise<TrustRecords> {
  const record = parseRecord(await readOrNull(trustRecordFile(home), fs));
  return new Map(
    Object.entries(record.projects).map(([root, { files }]) => [root, new Map(Object.entries(files))]),
  );
}

/**
 * Notes the present content of a project's files as trusted; null for a file that is gone. What the record says of other
 * files stays.
 */
export async function recordTrust(
  home: string,
  root: string,
  files: ReadonlyMap<string, string | null>,
  signal?: AbortSignal,
): Promise<void> {
  await changeRecord(home, signal, ({ projects }) => {
    const kept = new Map(Object.entries(projects[root]?.files ?? {}));
    for (const [path, text] of files) {
      if (text === null) kept.delete(path);
      else kept.set(path, trustedFile(text));
    }
    projects[root] = { files: Object.fromEntries(kept) };
  });
}

/** Forgets everything that was trusted of a project. */
export async function forgetTrust(home: string, root: string, signal?: AbortSignal): Promise<void> {
  await changeRecord(home, signal, ({ projects }) => {
    delete projects[root];
  });
}

export function contentHash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function trustedFile(text: string): TrustedFile {
  return { sha256: contentHash(text), ...(text.length <= KEPT_TEXT ? { text } : {}) };
}

function changeRecord(
  home: string,
  signal: AbortSignal | undefined,
  change: (record: Record) => void,
): Promise<void> {
  return rewriteFile(
    trustRecordFile(home),
    async (text) => {
      const record = parseRecord(text);
      change(record);
      return `${JSON.stringify(record, null, 2)}\n`;
    },
    signal,
  );
}

function parseRecord(text: string | null): Record {
  const empty: Record = { version: 1, projects: {} };
  if (text === null) return empty;
  try {
    const parsed = z.safeParse(RecordSchema, JSON.parse(text));
    return parsed.success ? parsed.data : empty;
  } catch {
    // Damaged: the user is asked to trust again, which writes it anew.
    return empty;
  }
}

async function readOrNull(path: string, fs: ConfigFs): Promise<string | null> {
  try {
    const facts = await fs.stat(path);
    return facts?.isFile() ? decodeUtf8(await fs.readFile(path)) : null;
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}
