import { constants } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import { imageSize, MAX_EDGE, MAX_IMAGE_BYTES } from "./image-size.ts";
import { type ImageMediaType, SNIFFED_BYTES, sniffImage } from "./image-type.ts";

/** Of a file; what is larger than a model may be shown is scaled down. */
const MAX_IMAGE_FILE_BYTES = 32 * 1024 * 1024;
/** A small file can unpack to very many pixels. */
const MAX_PIXELS = 50_000_000;

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
  | {
      kind: "image";
      path: string;
      mediaType: ImageMediaType;
      /** Of what the model is shown. */
      bytes: number;
      dataUrl: string;
      /** The size in pixels before it was scaled down; absent when it is shown as it is. */
      scaledFrom?: { width: number; height: number };
    }
  | { kind: "refused"; reason: ImageRefusal; message: string };

export interface LoadImageOptions {
  /** Of the file. Default 32 MiB. */
  maxFileBytes?: number;
  /** Judges the path after all links are followed. Default: everything may be read. */
  mayRead?: (realPath: string) => boolean;
}

/**
 * Reads a PNG, JPEG, GIF or WebP file by an absolute path. What it is, its first bytes say and not its name. One with a
 * side of more than 2048 pixels, or of more than 3.5 MiB, is encoded anew and scaled down. Never waits for a FIFO and never rejects.
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
    return await readImage(file, path, options.maxFileBytes ?? MAX_IMAGE_FILE_BYTES);
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
  return fitted(path, mediaType, content.subarray(0, bytesRead));
}

/** The image as it is, or scaled down to what models are shown. */
async function fitted(path: string, mediaType: ImageMediaType, content: Buffer): Promise<LoadedImage> {
  const size = imageSize(content);
  const asItIs = { kind: "image", path, mediaType, bytes: content.length } as const;
  const isSmall = size === null || Math.max(size.width, size.height) <= MAX_EDGE;
  if (isSmall && content.length <= MAX_IMAGE_BYTES)
    return { ...asItIs, dataUrl: dataUrl(mediaType, content) };
  if (size === null) return refuse("not_an_image", `${path} has a header that cannot be read.`);
  const { width, height } = size;
  if (width * height > MAX_PIXELS) {
    return refuse(
      "too_large",
      `${path} has ${width} x ${height} pixels; images may have ${MAX_PIXELS}. Make a smaller copy of it and use that.`,
    );
  }
  const { shrinkImage } = await import("./shrink-image.ts");
  const small = await shrinkImage(content, mediaType, size);
  if (small.kind === "failed") {
    return refuse(
      "not_an_image",
      `${path} could not be scaled down: ${small.why}. Convert it to PNG or JPEG.`,
    );
  }
  return {
    kind: "image",
    path,
    mediaType: small.mediaType,
    bytes: small.content.length,
    dataUrl: dataUrl(small.mediaType, small.content),
    scaledFrom: size,
  };
}

function dataUrl(mediaType: ImageMediaType, content: Buffer): string {
  return `data:${mediaType};base64,${content.toString("base64")}`;
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
