import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { grayPng as png, temporaryDirectory } from "@quire/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import { loadImage } from "./image-file.ts";
import { imageSize } from "./image-size.ts";
import { jpegOrientation, withOrientation } from "./jpeg-orientation.ts";

interface Photon {
  PhotonImage: {
    new_from_byteslice(bytes: Uint8Array): {
      get_bytes_jpeg(quality: number): Uint8Array;
      get_bytes_webp(): Uint8Array;
    };
  };
}
/** Test images in the other formats. */
function encoded(image: Buffer): { jpeg: Buffer; webp: Buffer } {
  const photon: Photon = createRequire(import.meta.url)("@silvia-odwyer/photon-node");
  const decoded = photon.PhotonImage.new_from_byteslice(image);
  return { jpeg: Buffer.from(decoded.get_bytes_jpeg(80)), webp: Buffer.from(decoded.get_bytes_webp()) };
}

async function load(content: Buffer, options = {}) {
  await using folder = await temporaryDirectory("quire-image-");
  const path = join(folder.path, "image");
  await writeFile(path, content);
  return loadImage(path, options);
}

function contentOf(url: string): Buffer {
  return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
}

test("an image that fits is shown byte for byte", async () => {
  const image = png(2048, 10);
  const loaded = await load(image);
  expect(loaded).toMatchObject({ kind: "image", mediaType: "image/png", bytes: image.length });
  expect(loaded).not.toHaveProperty("scaledFrom");
  if (loaded.kind === "image") expect(contentOf(loaded.dataUrl).equals(image)).toBe(true);
});

test("a larger one is scaled down to 2048 pixels, whatever its format", { timeout: 120_000 }, async () => {
  const large = png(4096, 1000);
  const { jpeg, webp } = encoded(large);
  for (const [image, mediaType] of [
    [large, "image/png"],
    [jpeg, "image/jpeg"],
    [webp, "image/png"],
  ] as const) {
    expect(imageSize(image)).toEqual({ width: 4096, height: 1000 });
    const loaded = await load(image);
    if (loaded.kind !== "image") throw new Error(loaded.message);
    expect(loaded).toMatchObject({ mediaType, scaledFrom: { width: 4096, height: 1000 } });
    const shown = contentOf(loaded.dataUrl);
    expect([imageSize(shown), shown.length]).toEqual([{ width: 2048, height: 500 }, loaded.bytes]);
  }
});

test("how a camera was held is kept", { timeout: 120_000 }, async () => {
  const { jpeg } = encoded(png(3000, 10));
  for (const orientation of [1, 6]) {
    const turned = withOrientation(jpeg, orientation);
    expect(jpegOrientation(turned)).toBe(orientation);
    const loaded = await load(turned);
    if (loaded.kind !== "image") throw new Error(loaded.message);
    expect(jpegOrientation(contentOf(loaded.dataUrl))).toBe(orientation);
    expect(imageSize(contentOf(loaded.dataUrl))).toEqual({ width: 2048, height: 7 });
  }
});

test("too many pixels, damage and files that are too large are refused with their reason", {
  timeout: 120_000,
}, async () => {
  const cases = [
    [png(60_000, 60_000, 1), "too_large", "60000 x 60000 pixels"],
    [png(4000, 4000, 1).subarray(0, 60), "not_an_image", "could not be scaled down"],
    [
      Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(9_000_000)]),
      "not_an_image",
      "header",
    ],
  ] as const;
  for (const [content, reason, why] of cases) {
    expect(await load(content)).toEqual({ kind: "refused", reason, message: expect.stringContaining(why) });
  }
  expect(await load(png(10, 10), { maxFileBytes: 20 })).toMatchObject({
    kind: "refused",
    reason: "too_large",
  });
});

test("headers of any bytes are read without a fault", () => {
  const starts = [
    "\x89PNG\r\n\x1a\n",
    "GIF89a",
    "RIFF\0\0\0\0WEBPVP8X",
    "RIFF\0\0\0\0WEBPVP8L",
    "RIFF\0\0\0\0WEBPVP8 ",
  ];
  const exif = "\xff\xd8\xff\xe1\0\x40Exif\0\0";
  const start = fc.constantFrom(...starts, "\xff\xd8\xff\xc0", exif, `${exif}II*\0`, `${exif}MM\0*`, "");
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 90 }), (head, rest) => {
      const image = Buffer.concat([Buffer.from(head, "latin1"), rest]);
      const size = imageSize(image);
      if (size !== null) expect(Math.min(size.width, size.height)).toBeGreaterThan(0);
      expect(jpegOrientation(image)).toBeGreaterThanOrEqual(1);
      expect(jpegOrientation(image)).toBeLessThanOrEqual(8);
    }),
    { numRuns: 2_000 },
  );
});
