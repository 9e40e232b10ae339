import type { Connection } from "../connection.ts";
import type { ClientCommand } from "../engine.ts";
import { OutputCap } from "./output-cap.ts";

/**
 * Sends what a command prints as it comes. A client that reads slowly slows the command down: output that must come whole
 * and may have no end has no other bound.
 */
export function streamOutput(
  command: ClientCommand,
  { connection, processId, cap }: { connection: Connection; processId: string; cap: number },
): void {
  const caps = { stdout: new OutputCap(cap), stderr: new OutputCap(cap) };
  command.onOutput((chunk, from) => {
    const stream = from === "stderr" ? "stderr" : "stdout";
    const { part, reached } = caps[stream].take(chunk);
    if (part.length === 0 && !reached) return;
    const deltaBase64 = part.toString("base64");
    connection.notify("command/exec/outputDelta", { processId, stream, deltaBase64, capReached: reached });
    const room = connection.room();
    if (room === null) return;
    command.pause();
    void room.then(() => command.resume());
  });
}
