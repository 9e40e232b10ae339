import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { createBrotliDecompress, createUnzip } from "node:zlib";

/** The beginning of a body, decoded. */
export interface ReadBody {
  readonly bytes: Buffer;
  /** Whether there was more than was read. */
  readonly cut: boolean;
}

/** Reads up to `maxBytes` of decoded bytes, so that a small answer cannot unpack to a large one. Rejects when it breaks. */
export async function readWebBody(response: IncomingMessage, maxBytes: number): Promise<ReadBody> {
  const source = decoded(response);
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of source) {
      pieces.push(piece);
      size += piece.length;
      if (size > maxBytes) break;
    }
  } finally {
    response.destroy();
    source.destroy();
  }
  return { bytes: Buffer.concat(pieces).subarray(0, maxBytes), cut: size > maxBytes };
}

function decoded(response: IncomingMessage): Readable {
  const encoding = (response.headers["content-encoding"] ?? "identity").toLowerCase().trim();
  if (encoding === "identity" || encoding === "") return response;
  const decoder =
    encoding === "br"
      ? createBrotliDecompress()
      : encoding === "gzip" || encoding === "x-gzip" || encoding === "deflate"
        ? createUnzip()
        : null;
  if (decoder === null)
    throw new Error(`it sent the encoding ${encoding.slice(0, 40)}, which is not understood`);
  response.on("error", (error) => decoder.destroy(error));
  response.on("aborted", () => decoder.destroy(new Error("the answer broke off")));
  return response.pipe(decoder);
}
