import { isFields, textIn } from "./dialects/json-fields.ts";
import type { ScriptOptions } from "./scripted-server.ts";
import {
  type Answer,
  callsTool,
  type Delivery,
  type Deltas,
  delivered,
  type Fault,
  fault,
  patches,
  type Reply,
  reasons,
  replies,
  type Step,
  says,
  sendsItem,
} from "./step.ts";

/**
 * A step as JSON. One of `say`, `call`, `patch`, `item`, `fault`, `all`; the other fields go with any of them.
 * `repeat` makes several steps out of one.
 */
export interface ScenarioStep {
  say?: string | Deltas;
  /** Sent before what else the step says. */
  reason?: string;
  call?: { name: string; args: object | string; callId?: string };
  patch?: string;
  /** An item of the wire API, as it stands. */
  item?: Readonly<Record<string, unknown>>;
  fault?: Fault;
  /** Several steps as one response. */
  all?: readonly ScenarioStep[];
  usage?: Reply["usage"];
  outcome?: Reply["outcome"];
  delivery?: Delivery;
  repeat?: number;
}

export interface Scenario {
  steps: readonly ScenarioStep[];
  afterwards?: ScenarioStep;
  cursor?: "order" | "history";
}

/** Reads a scenario file's text. Throws with the place of the first thing that is wrong. */
export function parseScenario(text: string): { steps: Step[]; options: ScriptOptions } {
  const value: unknown = JSON.parse(text);
  if (!isFields(value)) throw new Error("A scenario is a JSON object with a list of steps.");
  if (!Array.isArray(value.steps)) throw new Error("A scenario needs a list named steps.");
  const steps = value.steps.flatMap((step: unknown, index) => {
    const answer = answerOf(step, `steps[${index}]`);
    const repeat = isFields(step) && typeof step.repeat === "number" ? step.repeat : 1;
    return Array.from({ length: repeat }, () => answer);
  });
  const cursor = value.cursor === "history" ? "history" : "order";
  return {
    steps,
    options: {
      cursor,
      ...(value.afterwards === undefined ? {} : { afterwards: answerOf(value.afterwards, "afterwards") }),
    },
  };
}

function answerOf(step: unknown, place: string): Answer {
  if (!isFields(step)) throw new Error(`${place} must be an object.`);
  // Written by hand for tests and benchmarks: a wrong inner field shows in the run, only the outline is checked here.
  const known = step as ScenarioStep;
  if (known.fault !== undefined) return fault(known.fault);
  const reply = replyOf(known, place);
  const all = known.reason === undefined ? reply : replies(reasons(known.reason), reply);
  const used = {
    ...all,
    ...(known.usage === undefined ? {} : { usage: known.usage }),
    ...(known.outcome === undefined ? {} : { outcome: known.outcome }),
  };
  return known.delivery === undefined ? used : delivered(used, known.delivery);
}

function replyOf(step: ScenarioStep, place: string): Reply {
  if (step.all !== undefined) {
    return replies(...step.all.map((inner, index) => replyOf(inner, `${place}.all[${index}]`)));
  }
  if (step.say !== undefined) return says(step.say);
  if (step.patch !== undefined) return patches(step.patch);
  if (step.item !== undefined) return sendsItem(step.item);
  if (step.call !== undefined) {
    const { name, args, callId } = step.call;
    if (textIn(name) === "") throw new Error(`${place}.call needs a name.`);
    return callsTool(name, args ?? {}, callId === undefined ? {} : { callId });
  }
  throw new Error(`${place} needs one of say, call, patch, item, fault, all.`);
}
