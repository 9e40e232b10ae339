import type { Exchange } from "../http/exchange.ts";
import type { ReadFile } from "../responses/input-items.ts";
import type { ModelRouter, ResolvedUpstream } from "../upstream/model-router.ts";
import type { OnUsage, UsageRecord } from "../upstream/usage-record.ts";
import { LateStream } from "./late-stream.ts";
import type { ChoiceJob, ChoiceListener } from "./run-choice.ts";
import { type ChoicesRequest, completionUsage, type DoneChoice, runChoices } from "./run-choices.ts";

/** What the endpoints need that answer with choices. */
export interface ChoiceDeps {
  router: ModelRouter;
  readFile: ReadFile;
  nowMs: () => number;
  randomName: () => string;
  onUsage: OnUsage;
}

/** One choice while it is streamed. */
export interface ChoiceStream extends ChoiceListener {
  ended(choice: DoneChoice): Promise<void>;
}

/** How an endpoint words what it answers. */
export interface ChoiceDialect {
  /** `object` of a whole answer, and of a piece of a streamed one. */
  whole: string;
  chunk: string;
  choice(choice: DoneChoice, index: number): object;
  /** `send` takes what stands in the list of choices of one chunk. */
  stream(index: number, send: (choice: object) => Promise<void>): ChoiceStream;
}

/** A request that was found good, with the calls that it amounts to. */
export interface ChoicesPlan {
  /** Stands in every object of the answer. */
  frame: { id: string; model: string } & Readonly<Record<string, unknown>>;
  jobs: ChoicesRequest["jobs"];
  /** Which of the choices are answered with; all by default. */
  select?: (choices: readonly DoneChoice[]) => readonly DoneChoice[];
  stream: boolean;
  includeUsage: boolean;
}

/** Fields of the answer that are the same for both endpoints. */
export function frameOf(
  id: string,
  { model }: ResolvedUpstream,
  { nowMs }: ChoiceDeps,
): ChoicesPlan["frame"] {
  return { id, created: Math.floor(nowMs() / 1000), model, system_fingerprint: null };
}

/** Tells the books of each call of one request. */
export function usageTeller(
  of: Pick<UsageRecord, "door" | "responseId" | "metadata">,
  { upstream, model, entry }: ResolvedUpstream,
  { onUsage }: ChoiceDeps,
): ChoiceJob["onUsage"] {
  return (usage, outcome) =>
    onUsage({ purpose: "gateway", provider: upstream.id, model, entry, usage, outcome, ...of });
}

/** Runs the calls and answers, whole or in pieces. */
export async function answerChoices(
  plan: ChoicesPlan,
  dialect: ChoiceDialect,
  exchange: Exchange,
  { nowMs }: ChoiceDeps,
): Promise<void> {
  const { frame, jobs } = plan;
  if (plan.stream) return streamChoices(plan, dialect, exchange, nowMs);
  const outcome = await runChoices({ jobs, listener: () => SILENT, nowMs }, exchange.signal);
  if (outcome.kind === "failed") throw outcome.error;
  const choices = plan.select?.(outcome.choices) ?? outcome.choices;
  exchange.json({
    ...frame,
    object: dialect.whole,
    model: choices[0]?.model ?? frame.model,
    choices: choices.map((choice, index) => dialect.choice(choice, index)),
    ...(outcome.usage === null ? {} : { usage: completionUsage(outcome.usage) }),
  });
}

const SILENT: ChoiceListener = { text: () => {}, callStarted: () => {}, callInput: () => {} };

async function streamChoices(
  { frame, jobs, includeUsage }: ChoicesPlan,
  dialect: ChoiceDialect,
  exchange: Exchange,
  nowMs: () => number,
): Promise<void> {
  const out = new LateStream(exchange);
  const send = (choices: object[], usage: object | null = null) =>
    out.send({ ...frame, object: dialect.chunk, choices, ...(includeUsage ? { usage } : {}) });
  const streams = jobs.map((_job, index) => dialect.stream(index, (choice) => send([choice])));
  const listener = (index: number): ChoiceListener => streams[index] ?? SILENT;
  const outcome = await runChoices({ jobs, listener, nowMs }, exchange.signal);
  if (outcome.kind === "failed") return out.fail(outcome.error);
  for (const [index, choice] of outcome.choices.entries()) await streams[index]?.ended(choice);
  if (includeUsage) await send([], outcome.usage === null ? null : completionUsage(outcome.usage));
  await out.end();
}
