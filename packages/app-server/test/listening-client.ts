import { Connection } from "../src/connection.ts";
import { OUTPUT_LIMITS } from "../src/output-queue.ts";

/** A real connection whose client is the test, and what that client was sent, in order. */
export function listeningClient() {
  const frames: { id?: number; method?: string; params?: unknown }[] = [];
  const connection = new Connection(
    {
      send: (frame) => {
        frames.push(JSON.parse(frame));
        return true;
      },
      close: () => undefined,
    },
    {
      dispatcher: { run: async () => null, isConcurrent: () => false },
      limits: OUTPUT_LIMITS,
      onAnswer: () => undefined,
      onClose: () => undefined,
    },
  );
  connection.initialize({ clientInfo: { name: "test", version: "1" } });
  return { connection, frames, methods: () => frames.map(({ method }) => method) };
}
