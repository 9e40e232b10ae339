import { constants } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";

export const MAX_IMAGE_BYTES = 8 * 1024 * 1024;
const SNIFFED_BYTES = 12;

export type ImageMediaType = "image/png" | "image/jpeg" | "image/gif" | "image/webp";

export type ImageRefusal =
  | "missing"
  | "directory"
  | "not_a_file"
  | "not_an_image"
  | "too_large"
  | "denied"
  | "unreadable";

/** An image read from disk, or why there is none. `message` names the path and what to do. */
export type LoadedImage =
  | { kind: "image"; path: string; mediaType: ImageMediaType; bytes: number; dataUrl: string }
  | { kind: "refused"; reason: ImageRefusal; message: string };

export interface LoadImageOptions {
  /** Default 8 MiB. */
  maxBytes?: number;
  /** Judges the path after all links are followed. Default: everything may be read. */
  mayRead?: (realPath: string) => boolean;
}

/**
 * Reads a PNG, JPEG, GIF or WebP file by an absolute path. What it is, its first bytes say and not its name. Never
 * waits for a FIFO and never rejects.
 */
export async function loadImage(path: string, options: LoadImageOptions = {}): Promise<LoadedImage> {
  let file: FileHandle | undefined;
  try {
    const real = await realpath(path);
    if (options.mayRead !== undefined && !options.mayRead(real)) {
      return refuse("denied", `${path} may not be read under the sandbox's rules.`);
    }
    // The path is free of links now; should one appear in between, opening fails.
    file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    return await readImage(file, path, options.maxBytes ?? MAX_IMAGE_BYTES);
  } catch (thrown) {
    return refusalOf(thrown, path);
  } finally {
    await file?.close();
  }
}

async function readImage(file: FileHandle, path: string, maxBytes: number): Promise<LoadedImage> {
  const status = await file.stat();
  if (status.isDirectory()) return refuse("directory", `${path} is a directory. Name an image file in it.`);
  if (!status.isFile()) return refuse("not_a_file", `${path} is not a regular file.`);
  if (status.size > maxBytes) {
    return refuse(
      "too_large",
      `${path} has ${status.size} bytes; images may have ${maxBytes}. Make a smaller copy of it and use that.`,
    );
  }
  const start = Buffer.alloc(Math.min(SNIFFED_BYTES, status.size));
  await file.read(start, 0, start.length, 0);
  const mediaType = sniffImage(start);
  if (mediaType === null) {
    return refuse(
      "not_an_image",
      `${path} is not a PNG, JPEG, GIF or WebP image. Convert it, or read it as text.`,
    );
  }
  // The size is taken from before: a file that grows meanwhile is cut, not followed.
  const content = Buffer.alloc(status.size);
  const { bytesRead } = await file.read(content, 0, content.length, 0);
  const whole = content.subarray(0, bytesRead);
  return {
    kind: "image",
    path,
    mediaType,
    bytes: whole.length,
    dataUrl: `data:${mediaType};base64,${whole.toString("base64")}`,
  };
}

/** The kind of image that begins with these bytes; twelve are enough. */
export function sniffImage(start: Buffer): ImageMediaType | null {
  const latin = start.toString("latin1", 0, SNIFFED_BYTES);
  if (latin.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (latin.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (latin.startsWith("GIF87a") || latin.startsWith("GIF89a")) return "image/gif";
  if (latin.startsWith("RIFF") && latin.slice(8, 12) === "WEBP") return "image/webp";
  return null;
}

function refuse(reason: ImageRefusal, message: string): LoadedImage {
  return { kind: "refused", reason, message };
}

function refusalOf(thrown: unknown, path: string): LoadedImage {
  const code = typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return refuse("missing", `${path} does not exist.`);
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return refuse("unreadable", `${path} could not be read: ${detail}`);
}
