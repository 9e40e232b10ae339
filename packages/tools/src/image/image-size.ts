/** Longest side of an image that a model is shown, in pixels; endpoints scale what is larger down anyway. */
export const MAX_EDGE = 2048;

/** Of an image that a model is shown; in base64 it must stay below the 5 MB that Anthropic takes. */
export const MAX_IMAGE_BYTES = 3.5 * 1024 * 1024;

/** Width and height in pixels. */
export interface ImageSize {
  width: number;
  height: number;
}

/** What the header of a PNG, JPEG, GIF or WebP image says of its size; null for a header that cannot be read. */
export function imageSize(image: Buffer): ImageSize | null {
  const size = readSize(image);
  return size !== null && size.width > 0 && size.height > 0 ? size : null;
}

function readSize(image: Buffer): ImageSize | null {
  const latin = (from: number, to: number) => image.toString("latin1", from, to);
  if (latin(1, 4) === "PNG") {
    return image.length < 24 ? null : { width: image.readUInt32BE(16), height: image.readUInt32BE(20) };
  }
  if (latin(0, 3) === "GIF") {
    return image.length < 10 ? null : { width: image.readUInt16LE(6), height: image.readUInt16LE(8) };
  }
  if (latin(0, 4) === "RIFF" && image.length >= 30) return webpSize(image, latin(12, 16));
  for (const { marker, start, end } of jpegSegments(image)) {
    // Frame headers are C0 to CF, but for tables (C4, CC) and an extension (C8).
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame && end - start >= 5) {
      return { width: image.readUInt16BE(start + 3), height: image.readUInt16BE(start + 1) };
    }
  }
  return null;
}

function webpSize(image: Buffer, chunk: string): ImageSize | null {
  if (chunk === "VP8X") {
    return { width: image.readUIntLE(24, 3) + 1, height: image.readUIntLE(27, 3) + 1 };
  }
  if (chunk === "VP8 ") {
    return { width: image.readUInt16LE(26) & 0x3fff, height: image.readUInt16LE(28) & 0x3fff };
  }
  if (chunk !== "VP8L") return null;
  const bits = image.readUInt32LE(21);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

/** A part of a JPEG file before its picture data; `start` and `end` enclose what follows its length. */
export interface JpegSegment {
  marker: number;
  start: number;
  end: number;
}

/** The segments of a JPEG file up to its picture data, or up to where it is broken; none for other files. */
export function* jpegSegments(image: Buffer): Generator<JpegSegment, void, void> {
  if (image[0] !== 0xff || image[1] !== 0xd8) return;
  for (let at = 2; at + 4 <= image.length && image[at] === 0xff; ) {
    const marker = image[at + 1] ?? 0;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) return;
    const length = image.readUInt16BE(at + 2);
    const end = at + 2 + length;
    if (length < 2 || end > image.length) return;
    yield { marker, start: at + 4, end };
    at = end;
  }
}
