import { isUtf8 } from "node:buffer";
import { constants } from "node:fs";
import { isWithin } from "@quire/protocol";
import { removeInvisible } from "./invisible-characters.ts";
import type { ProjectDocWarning } from "./project-doc-warning.ts";
import type { DocHandle, ProjectDocsFs } from "./project-docs-fs.ts";

/** A document that was read, cleaned of what a reader cannot see. */
export interface DocFile {
  path: string;
  text: string;
  /** Bytes at the end of a file that is larger than the limit; zero when all of it was read. */
  unreadBytes: number;
  removedCharacters: number;
}

export interface ReadDocOptions {
  /** The real file must lie inside this real path; null for the user's own file. */
  inside: string | null;
  /** Judges the file after all links are followed; a document can be a link to a secret. */
  mayRead?: ((realPath: string) => boolean) | undefined;
  /** Bytes that are read at most. */
  limit: number;
  fs: ProjectDocsFs;
  warn: (warning: ProjectDocWarning) => void;
}

/**
 * Reads the first of the candidates that is there, may be read and holds more than blanks; null when none does.
 * Links that lead out of the project, devices, pipes and directories are refused with a warning.
 */
export async function readFirstDoc(
  candidates: readonly string[],
  options: ReadDocOptions,
): Promise<DocFile | null> {
  const realPaths = await Promise.all(candidates.map((path) => resolveDoc(path, options)));
  for (const [index, path] of candidates.entries()) {
    const resolved = realPaths[index];
    if (resolved === undefined || resolved.kind === "absent") continue;
    if (resolved.kind === "refused") {
      options.warn(resolved.warning);
      continue;
    }
    const doc = await readDoc(path, resolved.realPath, options);
    if (doc !== null && doc.text !== "") return doc;
  }
  return null;
}

type Resolved =
  | { kind: "absent" }
  | { kind: "found"; realPath: string }
  | { kind: "refused"; warning: ProjectDocWarning };

async function resolveDoc(path: string, { inside, fs, mayRead }: ReadDocOptions): Promise<Resolved> {
  try {
    const facts = await fs.stat(path);
    if (facts === null) return { kind: "absent" };
    const realPath = await fs.realpath(path);
    if (inside !== null && !isWithin(realPath, inside)) {
      return refused(path, "It is a link that leads out of the project.");
    }
    if (!facts.isFile()) return refused(path, "It is not a regular file.");
    if (mayRead?.(realPath) === false) return refused(path, "Files like this hold secrets.");
    return { kind: "found", realPath };
  } catch (error) {
    const code = errnoOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return { kind: "absent" };
    if (code === "ELOOP") return refused(path, "It is a link to itself.");
    return { kind: "refused", warning: unreadable(path, code) };
  }
}

async function readDoc(path: string, realPath: string, options: ReadDocOptions): Promise<DocFile | null> {
  try {
    // The file may have been exchanged since it was looked at: follow no link, wait for no writer, look again.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const handle = await options.fs.open(realPath, flags);
    try {
      const facts = await handle.stat();
      if (!facts.isFile()) {
        options.warn({
          code: "refused",
          file: path,
          message: `${path} is not read. It is not a regular file.`,
        });
        return null;
      }
      const bytes = await readBytes(handle, Math.min(facts.size, options.limit));
      return cleanDoc(path, bytes, facts.size, options.warn);
    } finally {
      await handle.close();
    }
  } catch (error) {
    options.warn(unreadable(path, errnoOf(error)));
    return null;
  }
}

async function readBytes(handle: DocHandle, length: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

function cleanDoc(
  path: string,
  bytes: Uint8Array,
  size: number,
  warn: (warning: ProjectDocWarning) => void,
): DocFile {
  const isCutOff = size > bytes.length;
  const { text, isUtf8: isReadable } = decode(bytes, isCutOff);
  if (!isReadable) {
    warn({
      code: "not_utf8",
      file: path,
      message: `${path} is not UTF-8 text; what could not be read is shown as \ufffd.`,
    });
  }
  const visible = removeInvisible(text);
  if (visible.removed > 0) {
    const message = `${visible.removed} invisible characters were removed from ${path} before the model saw it.`;
    warn({ code: "invisible_removed", file: path, count: visible.removed, message });
  }
  const whole = isCutOff ? withoutPartialLine(visible.text) : visible.text;
  const unreadBytes = size - bytes.length + Buffer.byteLength(visible.text) - Buffer.byteLength(whole);
  return { path, text: whole.trimEnd(), unreadBytes, removedCharacters: visible.removed };
}

/** Drops the line that the end of what was read cuts in two, unless it is the only one. */
function withoutPartialLine(text: string): string {
  const lineEnd = text.lastIndexOf("\n");
  return lineEnd < 0 ? text : text.slice(0, lineEnd);
}

function decode(bytes: Uint8Array, isCutOff: boolean): { text: string; isUtf8: boolean } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = isCutOff ? withoutPartialCharacter(buffer) : buffer;
  // A fatal TextDecoder says the same and takes a millisecond to set up.
  if (isUtf8(whole)) return { text: withoutMark(whole.toString("utf8")), isUtf8: true };
  // Little-endian UTF-16 says so itself; the rest is read as far as it goes.
  const isUtf16 = buffer[0] === 0xff && buffer[1] === 0xfe;
  return { text: withoutMark(buffer.toString(isUtf16 ? "utf16le" : "utf8")), isUtf8: isUtf16 };
}

/** Drops the start of a character that the end of what was read cuts in two. */
function withoutPartialCharacter(bytes: Buffer): Buffer {
  let start = bytes.length - 1;
  while (start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--;
  const lead = bytes[start] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return start + length > bytes.length ? bytes.subarray(0, start) : bytes;
}

function withoutMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

function refused(path: string, why: string): Resolved {
  return {
    kind: "refused",
    warning: { code: "refused", file: path, message: `${path} is not read. ${why}` },
  };
}

function unreadable(path: string, code: string): ProjectDocWarning {
  return { code: "unreadable", file: path, message: `${path} cannot be read (${code || "unknown cause"}).` };
}

function errnoOf(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return "";
  return typeof thrown.code === "string" ? thrown.code : "";
}
