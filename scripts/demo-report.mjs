/** What a run left behind: the diff, the evidence, what it cost, and where its log is. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { paint, seconds, wantsColour } from "./console.mjs";
import { git } from "./demo-copy.mjs";

/**
 * @typedef {{ command: string, exitCode: number | null, durationMs: number | null }} Command
 * @typedef {{ kind: "known", usd: number, priced_as_of: string } | { kind: "unknown", reason: string }} Cost
 *
 * @typedef {object} ThreadLog
 * @property {string} file
 * @property {string} id
 * @property {string} model
 * @property {Command[]} commands what the agent ran, in order
 * @property {number} inputTokens
 * @property {number} outputTokens
 * @property {Cost | null} cost null when the log names none
 */

/**
 * The rollout file under a Quire home that was written last.
 * @param {string} home
 */
function newestRollout(home) {
  const sessions = path.join(home, "sessions");
  const files = readdirSync(sessions, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".jsonl"))
    .map((file) => path.join(sessions, file));
  return files.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}

/**
 * Reads the newest thread log; undefined when the run left none.
 * @param {string} home
 * @returns {ThreadLog | undefined}
 */
export function readThreadLog(home) {
  let file;
  try {
    file = newestRollout(home);
  } catch {
    return undefined; // no sessions folder: nothing was started
  }
  if (file === undefined) return undefined;
  /** @type {ThreadLog} */
  const log = { file, id: "", model: "", commands: [], inputTokens: 0, outputTokens: 0, cost: null };
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line === "") continue;
    const { type, payload } = JSON.parse(line);
    if (type === "session_meta") log.id = payload.id;
    if (type === "turn_context") log.model = payload.model;
    if (type === "token_usage_record") {
      log.inputTokens = payload.thread_token_usage.input_tokens;
      log.outputTokens = payload.thread_token_usage.output_tokens;
      log.cost = addCost(log.cost, payload.cost ?? null);
    }
    if (type === "event_msg" && payload.type === "item_completed") addCommand(log.commands, payload.item);
  }
  return log;
}

/**
 * Looking at a command that runs in the background is an item of its own, but not another command.
 * @param {Command[]} commands @param {Command & { type: string, source: string }} item
 */
function addCommand(commands, { type, source, command, exitCode, durationMs }) {
  if (type !== "commandExecution" || source === "unifiedExecInteraction") return;
  commands.push({ command, exitCode, durationMs });
}

/** @param {Cost | null} sum @param {Cost | null} next @returns {Cost | null} */
function addCost(sum, next) {
  if (sum === null || next === null) return sum ?? next;
  if (sum.kind === "unknown") return sum;
  return next.kind === "unknown" ? next : { ...next, usd: sum.usd + next.usd };
}

/** @param {Cost | null} cost */
function costText(cost) {
  if (cost === null) return "no cost recorded";
  if (cost.kind === "unknown") return `cost unknown (${cost.reason})`;
  return cost.usd === 0 ? "$0" : `$${cost.usd.toFixed(4)} (prices of ${cost.priced_as_of})`;
}

/** @param {string} text */
export const heading = (text) => console.log(`\n${paint("bold", paint("cyan", `── ${text}`))}`);

/** @param {string} who @param {Command} command */
export function showCommand(who, { command, exitCode, durationMs }) {
  const [first = "", ...rest] = command.split("\n");
  const text = `${first.slice(0, 90)}${rest.length > 0 || first.length > 90 ? " …" : ""}`;
  const exit = exitCode === 0 ? paint("green", "exit 0") : paint("red", `exit ${exitCode ?? "none"}`);
  const took = durationMs === null ? "" : paint("dim", ` (${seconds(durationMs)})`);
  console.log(`  ${who.padEnd(13)} ${text}  ${exit}${took}`);
}

/**
 * Everything that changed in a copy since the demo began, new files included.
 * @param {string} folder
 */
export async function showDiff(folder) {
  await git(folder, "add", "--all");
  const colour = wantsColour() ? "always" : "never";
  const diff = await git(
    folder,
    "diff",
    "--cached",
    "--no-ext-diff",
    "--no-textconv",
    `--color=${colour}`,
    "HEAD",
  );
  console.log(diff === "" ? "  nothing changed" : diff.trimEnd());
  return diff !== "";
}

/** @param {ThreadLog} log @param {string} resume the command that goes on with the thread */
export function showThread(log, resume) {
  const tokens = `${log.inputTokens.toLocaleString("en-US")} in, ${log.outputTokens.toLocaleString("en-US")} out`;
  console.log(`  tokens        ${tokens}, ${costText(log.cost)}${log.model ? ` (model ${log.model})` : ""}`);
  console.log(`  thread log    ${log.file}`);
  console.log(`  to go on      ${resume}`);
}
