import type { Answer, RecordedRequest, Step } from "@quire/test-support";
import { says } from "@quire/test-support";

/** Who sent a request: the path of an agent, `/root` for the thread of the user's. */
export function speakerOf(request: RecordedRequest): string {
  const told = request.inputTexts.findLast((text) => text.includes("You are the agent /root/"));
  return /You are the agent (\/root\/[a-z0-9_/]+)/.exec(told ?? "")?.[1] ?? "/root";
}

/** A script for several agents at once: each has steps of its own, taken in its own order. */
export function cast(parts: Readonly<Record<string, readonly Step[]>>): Step {
  const taken = new Map<string, number>();
  return (request): Answer => {
    const speaker = speakerOf(request);
    const at = taken.get(speaker) ?? 0;
    taken.set(speaker, at + 1);
    const step = parts[speaker]?.[at];
    if (step === undefined) return says(`${speaker} has no step ${at}`);
    return typeof step === "function" ? step(request) : step;
  };
}

/** The output of the last tool call in a request, as the JSON it is. */
export function lastOutput(request: RecordedRequest): unknown {
  return JSON.parse(request.toolOutputs.at(-1) ?? "null");
}
