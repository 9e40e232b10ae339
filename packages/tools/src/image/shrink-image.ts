import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { type ImageSize, MAX_EDGE, MAX_IMAGE_BYTES } from "./image-size.ts";
import type { ImageMediaType } from "./image-type.ts";
import { jpegOrientation, withOrientation } from "./jpeg-orientation.ts";

const TIME_LIMIT_MS = 60_000;

export type ShrunkImage =
  | { kind: "shrunk"; mediaType: ImageMediaType; content: Buffer }
  | { kind: "failed"; why: string };

/**
 * Decodes, scales and encodes with a WebAssembly library. It runs in a thread of its own, which is loaded when it is
 * needed and ended afterwards: so it holds nothing up, its memory is given back, and a damaged image can only end it.
 */
const PROGRAM = `
const { parentPort, workerData } = require("node:worker_threads");
const { library, content, width, height, asJpeg, maxPngBytes } = workerData;
const photon = require(library);
const image = photon.PhotonImage.new_from_byteslice(content);
const small = photon.resize(image, width, height, photon.SamplingFilter.Lanczos3);
const png = asJpeg ? null : small.get_bytes();
const isPng = png !== null && png.length <= maxPngBytes;
parentPort.postMessage({ isPng, bytes: isPng ? png : small.get_bytes_jpeg(85) });
`;

/** Never rejects. The first picture of a moving image stands for it. */
export async function shrinkImage(
  content: Buffer,
  mediaType: ImageMediaType,
  size: ImageSize,
): Promise<ShrunkImage> {
  const scale = Math.min(1, MAX_EDGE / Math.max(size.width, size.height));
  const asJpeg = mediaType === "image/jpeg";
  let worker: Worker;
  try {
    const library = createRequire(import.meta.url).resolve("@silvia-odwyer/photon-node");
    worker = new Worker(PROGRAM, {
      eval: true,
      workerData: {
        library,
        content,
        width: Math.max(1, Math.round(size.width * scale)),
        height: Math.max(1, Math.round(size.height * scale)),
        asJpeg,
        maxPngBytes: MAX_IMAGE_BYTES,
      },
    });
  } catch (thrown) {
    return { kind: "failed", why: thrown instanceof Error ? thrown.message : String(thrown) };
  }
  const outcome = await answerOf(worker);
  if (outcome.kind === "failed") return outcome;
  const { isPng, bytes } = outcome;
  if (isPng) return { kind: "shrunk", mediaType: "image/png", content: bytes };
  const orientation = asJpeg ? jpegOrientation(content) : 1;
  return { kind: "shrunk", mediaType: "image/jpeg", content: withOrientation(bytes, orientation) };
}

type Answer = { kind: "done"; isPng: boolean; bytes: Buffer } | { kind: "failed"; why: string };

function answerOf(worker: Worker): Promise<Answer> {
  return new Promise<Answer>((resolve) => {
    const end = (answer: Answer) => {
      clearTimeout(timer);
      void worker.terminate();
      resolve(answer);
    };
    const timer = setTimeout(() => end({ kind: "failed", why: "it took too long" }), TIME_LIMIT_MS);
    worker.once("message", ({ isPng, bytes }: { isPng: boolean; bytes: Uint8Array }) =>
      end({ kind: "done", isPng, bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) }),
    );
    worker.once("error", (error) => end({ kind: "failed", why: error.message.split("\n")[0] ?? "" }));
    worker.once("exit", () => end({ kind: "failed", why: "it ended without a result" }));
  });
}
