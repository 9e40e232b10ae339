import type { Quire } from "@quire/sdk";

/** One question about a repository, read only. */
export async function askOnce(quire: Quire, repository: string): Promise<string> {
  const thread = quire.startThread({ workingDirectory: repository, sandboxMode: "read-only" });
  const { finalResponse } = await thread.run("What does this repository do? Answer in one sentence.");
  return finalResponse;
}
