import type { Readable, Writable } from "node:stream";
import { type AcceptChannel, type Channel, MAX_FRAME_BYTES } from "../channel.ts";
import { LineReader } from "./line-reader.ts";

export interface ByteStreamOptions {
  input: Readable;
  output: Writable;
  accept: AcceptChannel;
  /** Ends the connection from our side; called once. */
  end: () => void;
}

/** Serves one client over a pair of byte streams, one frame a line. Resolves when either side has gone away. */
export function serveByteStream({ input, output, accept, end }: ByteStreamOptions): Promise<void> {
  return new Promise((resolve) => {
    let over = false;
    const channel: Channel = {
      send: (frame) => !over && output.write(`${frame}\n`),
      close: () => finish(),
    };
    const listener = accept(channel);
    const lines = new LineReader({
      maxBytes: MAX_FRAME_BYTES,
      onLine: (line) => listener.frame(line),
      onOversized: () => listener.oversized(MAX_FRAME_BYTES),
    });
    const onData = (chunk: Buffer | string) => {
      if (!over) lines.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
    };
    const onEnd = () => {
      if (!over) lines.end();
      finish();
    };
    const onDrain = () => listener.drained();
    function finish(): void {
      if (over) return;
      over = true;
      input.off("data", onData);
      input.off("end", onEnd);
      input.off("close", finish);
      output.off("drain", onDrain);
      listener.closed();
      end();
      resolve();
    }
    input.on("data", onData);
    input.on("end", onEnd);
    input.on("close", finish);
    // A broken pipe is the client's way of leaving.
    input.on("error", finish);
    output.on("error", finish);
    output.on("drain", onDrain);
  });
}
