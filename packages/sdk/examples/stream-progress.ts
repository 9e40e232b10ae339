import type { Quire } from "@quire/sdk";

/** Shows what the agent does while it does it. */
export async function streamProgress(
  quire: Quire,
  repository: string,
  print: (line: string) => void,
): Promise<void> {
  const thread = quire.startThread({ workingDirectory: repository });
  const { events } = await thread.runStreamed("Make the failing test pass.");
  for await (const event of events) {
    if (event.type === "item.completed" && event.item.type === "commandExecution") {
      print(`$ ${event.item.command} (exit ${event.item.exitCode})`);
    }
    if (event.type === "item.completed" && event.item.type === "fileChange") {
      for (const change of event.item.changes) print(`changed ${change.path}`);
    }
    if (event.type === "turn.completed") print(`used ${event.usage?.output_tokens ?? 0} output tokens`);
  }
}
