import path from "node:path";
import { fileURLToPath } from "node:url";
import type { ContentPart } from "@quire/protocol";
import { sniffImage } from "@quire/tools";
import { invalidValue, refusedParameter } from "../http/api-error.ts";
import type { WireFile } from "../responses/input-items.ts";
import { readConfined } from "../store/confined-read.ts";
import type { FileStore } from "../store/file-store.ts";

export interface FileRules {
  /** The folder from which `file:` URLs may name files; null takes none. */
  filesRoot: string | null;
  maxBytes: number;
  /** What was uploaded. */
  store: FileStore;
}

/** What a text file may add to a request; longer ones belong to the code interpreter. */
const MAX_TEXT_BYTES = 512 * 1024;
const IMAGE = /^image\/(png|jpeg|gif|webp)$/;

export interface LoadedFile {
  name: string;
  mediaType: string;
  content: Buffer;
}

/** The bytes of a file in a request: uploaded, a data URL, or a `file:` URL below the open folder. Nothing is fetched. */
export function loadInputFile(file: WireFile, param: string, rules: FileRules): LoadedFile {
  if (file.file_id) return uploadedFile(file.file_id, `${param}.file_id`, rules.store);
  if (file.file_data)
    return fromDataUrl(file.file_data, file.filename ?? "file", `${param}.file_data`, rules);
  if (file.file_url) return fromFileUrl(file.file_url, `${param}.file_url`, rules);
  throw invalidValue(param, "A file needs file_id, file_data or file_url.");
}

/** A file by its id. What it is its bytes say, and if they do not, its name. */
export function uploadedFile(id: string, param: string, store: FileStore): LoadedFile {
  const file = store.find(id);
  const read = file === null ? null : store.read(file);
  if (file === null || read?.kind !== "read") {
    throw invalidValue(param, `No such File object: ${id.slice(0, 100)}`, "not_found");
  }
  const name = path.basename(file.filename);
  return { name, mediaType: sniffImage(read.content) ?? mediaTypeOf(name), content: read.content };
}

/** An uploaded picture as the data URL that a model gets. */
export function uploadedImage(id: string, param: string, store: FileStore): string {
  const { content } = uploadedFile(id, param, store);
  const mediaType = sniffImage(content);
  if (mediaType !== null) return `data:${mediaType};base64,${content.toString("base64")}`;
  throw invalidValue(param, `The file '${id}' is not a PNG, JPEG, GIF or WebP image.`);
}

function fromDataUrl(url: string, name: string, param: string, rules: FileRules): LoadedFile {
  const match = /^data:([\w.+-]+\/[\w.+-]+)?(?:;[\w=-]+)*;base64,([A-Za-z0-9+/\s]*={0,2})\s*$/.exec(url);
  if (match === null) throw invalidValue(param, "file_data is a data: URL in base64.");
  const content = Buffer.from(match[2] ?? "", "base64");
  if (content.length > rules.maxBytes) throw tooLarge(param, rules);
  return { name, mediaType: match[1] ?? "application/octet-stream", content };
}

function fromFileUrl(url: string, param: string, rules: FileRules): LoadedFile {
  if (!url.startsWith("file:///")) {
    throw refusedParameter(
      param,
      "The gateway fetches nothing: send file_data, or a file: URL below --files-root.",
    );
  }
  if (rules.filesRoot === null)
    throw refusedParameter(param, "No folder is open to requests (--files-root).");
  const place = localPath(url);
  if (place === null) throw invalidValue(param, "This is not the URL of a local file.");
  const read = readConfined(rules.filesRoot, place, rules.maxBytes);
  if (read.kind === "refused") throw invalidValue(param, `The file cannot be read: ${read.why}.`);
  const name = path.basename(place);
  return { name, mediaType: mediaTypeOf(name), content: read.content };
}

function localPath(url: string): string | null {
  try {
    return fileURLToPath(url);
  } catch {
    // A host, or a percent-encoded slash.
    return null;
  }
}

function mediaTypeOf(name: string): string {
  const extension = path.extname(name).toLowerCase();
  const images: Readonly<Record<string, string>> = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
  };
  return images[extension] ?? "application/octet-stream";
}

/** A file as a model can read it; null when it is neither text nor a picture. */
export function fileParts({ name, mediaType, content }: LoadedFile): ContentPart[] | null {
  if (IMAGE.test(mediaType)) {
    return [{ type: "input_image", image_url: `data:${mediaType};base64,${content.toString("base64")}` }];
  }
  if (content.length > MAX_TEXT_BYTES) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(content);
    if (text.includes("\0")) return null;
    return [{ type: "input_text", text: `The file ${JSON.stringify(name)}:\n${text}` }];
  } catch {
    // Not text in UTF-8.
    return null;
  }
}

function tooLarge(param: string, rules: FileRules) {
  return invalidValue(param, `The file is larger than ${rules.maxBytes} bytes.`, "file_too_large");
}
