import type { Quire } from "@quire/sdk";

const schema = {
  type: "object",
  properties: { risk: { type: "string", enum: ["low", "high"] }, reason: { type: "string" } },
  required: ["risk", "reason"],
  additionalProperties: false,
};

/** An answer that a program can read. */
export async function assessRisk(quire: Quire, repository: string): Promise<unknown> {
  const thread = quire.startThread({ workingDirectory: repository, sandboxMode: "read-only" });
  const { finalResponse } = await thread.run("How risky is the last commit?", { outputSchema: schema });
  return JSON.parse(finalResponse);
}
