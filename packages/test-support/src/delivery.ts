import { setTimeout as sleep } from "node:timers/promises";
import type { Block } from "./dialects/dialect.ts";
import type { Outlet } from "./socket-outlet.ts";
import type { CutHow, Delivery } from "./step.ts";

const WRITE_SIZE = 16_384;

/** Sends an answer's events the way the step wants; returns when all is sent or the client is gone. */
export async function deliver(
  response: Outlet,
  blocks: Iterable<Block>,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<void> {
  if (delivery.firstByteMs !== undefined) await pause(delivery.firstByteMs, signal);
  await held(delivery.hold?.(0), signal);
  if (response.destroyed) return;
  response.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-cache",
    ...delivery.headers,
  });
  response.socket?.setNoDelay(true);
  if (delivery.chunkBytes !== undefined || delivery.cut !== undefined) {
    await deliverBytes(response, Buffer.from([...blocks].map((block) => block.text).join("")), delivery);
  } else {
    await deliverBlocks(response, blocks, delivery, signal);
  }
}

async function deliverBlocks(
  response: Outlet,
  blocks: Iterable<Block>,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<void> {
  const { stall, cutAfterDeltas, ratePerSecond } = delivery;
  const started = performance.now();
  let waiting = "";
  let deltas = 0;
  for (const block of blocks) {
    if (response.destroyed) return;
    waiting += block.text;
    if (block.delta) deltas++;
    const stalls = block.delta && stall?.afterDeltas === deltas;
    const cuts = block.delta && cutAfterDeltas?.deltas === deltas;
    const paced = block.delta && ratePerSecond !== undefined;
    const hold = block.delta ? delivery.hold?.(deltas) : undefined;
    if (waiting.length >= WRITE_SIZE || stalls || cuts || paced || hold !== undefined) {
      await write(response, waiting);
      waiting = "";
    }
    if (stalls) await pause(stall.ms, signal);
    await held(hold, signal);
    if (cuts) return await cut(response, cutAfterDeltas.how);
    if (paced) await pause(started + (deltas * 1_000) / ratePerSecond - performance.now(), signal);
  }
  if (!response.destroyed) response.end(waiting);
}

async function deliverBytes(response: Outlet, bytes: Buffer, delivery: Delivery): Promise<void> {
  const end = Math.min(bytes.length, delivery.cut?.atByte ?? bytes.length);
  const size = delivery.chunkBytes ?? WRITE_SIZE;
  for (let at = 0; at < end; at += size) {
    if (response.destroyed) return;
    await write(response, bytes.subarray(at, Math.min(end, at + size)));
  }
  if (delivery.cut === undefined) response.end();
  else await cut(response, delivery.cut.how);
}

async function cut(response: Outlet, how: CutHow): Promise<void> {
  if (how === "end") {
    response.end();
    return;
  }
  // What was written must leave before the socket is closed, or the client sees less than the step says.
  await new Promise<void>((resolve) => response.write("", () => resolve()));
  if (how === "reset") response.socket?.resetAndDestroy();
  else response.socket?.destroy();
}

async function write(response: Outlet, data: string | Buffer): Promise<void> {
  if (data.length === 0 || response.write(data)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}

/** Until the test goes on, or one of both sides is gone. */
async function held(hold: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
  if (hold === undefined || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => resolve();
    signal.addEventListener("abort", done, { once: true });
    void hold.then(done, done).then(() => signal.removeEventListener("abort", done));
  });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // Aborted: the client or the server went away, and the caller looks at that itself.
  }
}
