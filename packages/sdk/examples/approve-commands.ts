import type { Quire } from "@quire/sdk";

/** Lets the agent fetch dependencies and nothing else that leaves the sandbox. */
export async function approveCommands(quire: Quire, repository: string): Promise<string[]> {
  const refused: string[] = [];
  const thread = quire.startThread({
    workingDirectory: repository,
    approvalPolicy: "on-request",
    onApproval: (approval) => {
      if (approval.kind === "command" && approval.command.includes("npm ci")) return "accept";
      if (approval.kind === "command") refused.push(approval.command);
      return { decision: "decline", message: "Only npm ci may use the network." };
    },
  });
  await thread.run("Install the dependencies and run the tests.");
  return refused;
}
