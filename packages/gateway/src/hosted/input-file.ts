import path from "node:path";
import { fileURLToPath } from "node:url";
import type { ContentPart } from "@quire/protocol";
import { invalidValue, refusedParameter } from "../http/api-error.ts";
import type { WireFile } from "../responses/input-items.ts";
import { readConfined } from "../store/confined-read.ts";

export interface FileRules {
  /** The folder from which `file:` URLs may name files; null takes none. */
  filesRoot: string | null;
  maxBytes: number;
}

export const DEFAULT_MAX_FILE_BYTES = 8 * 1024 * 1024;
/** What a text file may add to a request; longer ones belong to the code interpreter. */
const MAX_TEXT_BYTES = 512 * 1024;
const IMAGE = /^image\/(png|jpeg|gif|webp)$/;

export interface LoadedFile {
  name: string;
  mediaType: string;
  content: Buffer;
}

/** The bytes of a file in a request: a data URL, or a `file:` URL below the open folder. Nothing is fetched. */
export function loadInputFile(file: WireFile, param: string, rules: FileRules): LoadedFile {
  if (file.file_id) throw refusedParameter(`${param}.file_id`, "There is no Files API here; send file_data.");
  if (file.file_data)
    return fromDataUrl(file.file_data, file.filename ?? "file", `${param}.file_data`, rules);
  if (file.file_url) return fromFileUrl(file.file_url, `${param}.file_url`, rules);
  throw invalidValue(param, "A file needs file_data or file_url.");
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
