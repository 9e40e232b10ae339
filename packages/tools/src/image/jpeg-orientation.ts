import { jpegSegments } from "./image-size.ts";

const APP1 = 0xe1;
const ORIENTATION = 0x0112;

/** How a camera was held, as Exif has it: 1 to 8, where 1 is upright; 1 when nothing is said. */
export function jpegOrientation(image: Buffer): number {
  for (const { marker, start, end } of jpegSegments(image)) {
    if (marker !== APP1 || image.toString("latin1", start, start + 6) !== "Exif\0\0") continue;
    return orientationIn(image.subarray(start + 6, end));
  }
  return 1;
}

function orientationIn(tiff: Buffer): number {
  const order = tiff.toString("latin1", 0, 2);
  if ((order !== "II" && order !== "MM") || tiff.length < 14) return 1;
  const short = (at: number) => (order === "II" ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const first = order === "II" ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (first + 2 > tiff.length) return 1;
  for (
    let entry = first + 2, left = short(first);
    left > 0 && entry + 12 <= tiff.length;
    left--, entry += 12
  ) {
    if (short(entry) !== ORIENTATION) continue;
    const value = short(entry + 8);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** The same JPEG image with a note of how the camera was held, and no other Exif data. */
export function withOrientation(jpeg: Buffer, orientation: number): Buffer {
  if (orientation === 1) return jpeg;
  const exif = Buffer.alloc(36);
  exif.writeUInt16BE(0xff00 | APP1, 0);
  exif.writeUInt16BE(34, 2);
  exif.write("Exif\0\0MM\0\x2a", 4, "latin1");
  exif.writeUInt32BE(8, 14);
  exif.writeUInt16BE(1, 18);
  exif.writeUInt16BE(ORIENTATION, 20);
  exif.writeUInt16BE(3, 22);
  exif.writeUInt32BE(1, 24);
  exif.writeUInt16BE(orientation, 28);
  return Buffer.concat([jpeg.subarray(0, 2), exif, jpeg.subarray(2)]);
}
