import {
  groupedDigits,
  type RateLimit,
  tightLimits,
  usedShare,
  visibleLine,
  visibleText,
} from "@quire/protocol";
import type { ServerNotification, WireItem } from "@quire/protocol/app-server";
import type { System } from "../system.ts";
import type { Style } from "../terminal/style.ts";
import { itemText, labelOf } from "./item-text.ts";
import { errorOfTurn } from "./wire-turn.ts";

const TICK_MS = 1000;
const PLAIN_TICK_MS = 10_000;

type ParamsOf<M extends ServerNotification["method"]> = Extract<ServerNotification, { method: M }>["params"];

/** Tells a person on stderr what is going on. Everything that is not ours is made visible before it is shown. */
export interface Progress {
  show(event: ServerNotification): void;
  close(): void;
}

/**
 * Finished things are printed once and stay. On a terminal one last line counts the seconds of whatever is running;
 * elsewhere such a line is printed every ten seconds.
 */
export function createProgress(
  system: Pick<System, "stderr" | "monotonicMs" | "now">,
  style: Style,
): Progress {
  const live = Boolean(system.stderr.isTTY) && style.enabled;
  const running = new Map<string, { label: string; since: number }>();
  let heldMessage: string | null = null;
  let statusShown = false;
  const timer = setInterval(tick, live ? TICK_MS : PLAIN_TICK_MS);
  timer.unref();

  function tick(): void {
    const [first] = running.values();
    if (!first) return;
    const seconds = Math.round((system.monotonicMs() - first.since) / 1000);
    if (seconds < 1) return;
    const more = running.size > 1 ? ` and ${running.size - 1} more` : "";
    const text = `${first.label}${more} (${seconds} s)`;
    if (!live) {
      system.stderr.write(`  … ${text}\n`);
      return;
    }
    system.stderr.write(`\r\u001b[K${style.dim(`⏳ ${text.slice(0, (system.stderr.columns || 80) - 4)}`)}`);
    statusShown = true;
  }

  function print(text: string): void {
    if (statusShown) system.stderr.write("\r\u001b[K");
    statusShown = false;
    system.stderr.write(`${text}\n`);
  }

  /** The last message is the answer and goes to stdout; so a message is only shown here once another thing follows it. */
  function releaseMessage(): void {
    if (heldMessage !== null) print(`${style.cyan("•")} ${visibleText(heldMessage)}`);
    heldMessage = null;
  }

  function showItem(item: WireItem): void {
    running.delete(item.id);
    // What a review found is said in words by the message behind it.
    if (item.type === "userMessage" || item.type === "exitedReviewMode") return;
    releaseMessage();
    if (item.type === "agentMessage") heldMessage = item.text;
    else print(itemText(item, style));
  }

  let saidAdvice: string | null = null;
  let goalStatus: string | null = null;
  let saidOfLimits: string | null = null;

  function showRetry(failure: ParamsOf<"error">): void {
    const { willRetry, attempt, maxAttempts, delayMs } = failure;
    const error = errorOfTurn(failure);
    // A failure that ends the turn is told with its end.
    if (!willRetry || error === null) return;
    const wait = delayMs === undefined ? "" : ` in ${(delayMs / 1000).toFixed(1)} s`;
    const what = `${visibleLine(error.message)} [${error.code}]`;
    print(style.yellow(`↻ ${what}; trying again${wait} (${attempt}/${maxAttempts})`));
    // A machine that is offline does not come online by waiting alone: what to do is said at once, and once.
    const { next_step: advice } = error;
    if (error.code === "model_unreachable" && advice !== undefined && advice !== saidAdvice) {
      saidAdvice = advice;
      print(style.yellow(`  ${visibleLine(advice)}`));
    }
  }

  function showGoal({ status, tokensUsed, tokenBudget }: ParamsOf<"thread/goal/updated">["goal"]): void {
    if (status === goalStatus) return;
    goalStatus = status;
    const of = tokenBudget === null ? "" : ` of ${groupedDigits(tokenBudget)}`;
    print(style.cyan(`◎ goal ${status}, ${groupedDigits(tokensUsed)}${of} tokens used`));
  }

  return {
    show(event) {
      switch (event.method) {
        case "turn/started":
          running.set("model", { label: "waiting for the model", since: system.monotonicMs() });
          return;
        case "turn/completed":
          running.clear();
          return;
        case "item/started": {
          running.set(event.params.item.id, {
            label: labelOf(event.params.item),
            since: system.monotonicMs(),
          });
          running.delete("model");
          return;
        }
        case "item/completed":
          showItem(event.params.item);
          if (running.size === 0)
            running.set("model", { label: "waiting for the model", since: system.monotonicMs() });
          return;
        case "error":
          showRetry(event.params);
          return;
        case "thread/goal/updated":
          showGoal(event.params.goal);
          return;
        case "thread/rateLimits/updated": {
          const words = tightText(event.params.limits, system.now());
          if (words !== null && words !== saidOfLimits) print(style.yellow(words));
          saidOfLimits = words;
          return;
        }
        case "turn/stalled":
          print(style.yellow(`… the model has been silent for ${Math.round(event.params.idleMs / 1000)} s`));
          return;
        default:
      }
    },
    close() {
      clearInterval(timer);
      if (statusShown) system.stderr.write("\r\u001b[K");
      statusShown = false;
    },
  };
}

/** The tightest of the endpoint's limits in tenths, so that it is not said anew with every request. */
function tightText(limits: readonly RateLimit[], now: number): string | null {
  const [tightest] = tightLimits(limits);
  if (tightest === undefined) return null;
  const share = Math.floor((usedShare(tightest) ?? 0) / 10) * 10;
  const wait = tightest.resetAt === null ? "" : `, full again in ${waitText(tightest.resetAt * 1000 - now)}`;
  return `! ${visibleLine(tightest.name)}: ${share} % of the endpoint's limit are used${wait} [rate_limit_near]`;
}

function waitText(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  return minutes < 1
    ? "less than a minute"
    : minutes < 120
      ? `${minutes} min`
      : `${Math.round(minutes / 60)} h`;
}
