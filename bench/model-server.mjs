/**
 * The scripted model server in a process of its own, so that its work is not counted as the CLI's. Started by fork()
 * with a scenario as JSON; tells its parent the address and then the time and size of every request.
 */
import { pathToFileURL } from "node:url";

/**
 * @typedef {{ kind: "text", text: string } | { kind: "deltas", deltas: number, chars: number } |
 *   { kind: "command", command: string } |
 *   { kind: "repeated", begin?: string, text: string, times: number, end: string, chunkChars: number, ratePerSecond?: number }} ScriptedStep
 * @typedef {{ bundle: string, steps: ScriptedStep[] }} ServerScenario
 * @typedef {{ type: "listening", url: string, port: number } |
 *   { type: "request", atMs: number, bytes: number }} ServerMessage
 */

/** @type {ServerScenario} */
const { bundle, steps } = JSON.parse(process.argv[2] ?? "");
const { scriptedResponses, says, callsTool, delivered } = await import(pathToFileURL(bundle).href);

/** @param {ServerMessage} message */
const tell = (message) => process.send?.(message);

/** @param {ScriptedStep} step */
function answer(step) {
  if (step.kind === "text") return says(step.text);
  if (step.kind === "repeated") {
    const { begin = "", text, times, end, chunkChars, ratePerSecond } = step;
    const rate = ratePerSecond === undefined ? {} : { ratePerSecond };
    return delivered(says(begin + text.repeat(times) + end), { chunkChars, ...rate });
  }
  if (step.kind === "deltas") return says({ deltas: step.deltas, chars: step.chars });
  return callsTool("exec_command", { cmd: step.command });
}

/** @param {ScriptedStep} step */
const counted = (step) => {
  const prepared = answer(step);
  return (/** @type {{ raw: Buffer }} */ request) => {
    tell({ type: "request", atMs: performance.timeOrigin + performance.now(), bytes: request.raw.length });
    return prepared;
  };
};

// By history: the step is the number of tool outputs in the request, so parallel clients do not disturb each other.
const server = await scriptedResponses(steps.map(counted), { cursor: "history" });
tell({ type: "listening", url: server.url, port: server.port });
process.on("disconnect", () => process.exit(0));
