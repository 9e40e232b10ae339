import type { IncomingMessage } from "node:http";
import type { ClientDeps } from "../endpoint.ts";

const MAX_BYTES = 64 * 1024;
const MAX_MS = 5_000;

/** The beginning of a body that should be short, such as an error's. Ends after 64 KiB, 5 s or the body's end. */
export function readBoundedText(body: IncomingMessage, deps: Pick<ClientDeps, "setTimer">): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (): void => {
      stopTimer();
      body.removeListener("data", onData);
      resolve(Buffer.concat(chunks).subarray(0, MAX_BYTES).toString("utf8"));
    };
    const giveUp = (): void => {
      body.destroy();
      finish();
    };
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= MAX_BYTES) giveUp();
    };
    const stopTimer = deps.setTimer(giveUp, MAX_MS);
    body.on("data", onData);
    body.once("end", finish);
    body.once("close", finish);
    body.on("error", finish);
  });
}
