import { endsValue } from "../source/expressions.ts";
import { textAt, textOfTokens } from "../source/unit.ts";
import { nearestFirst } from "./ingredients.ts";
import type { Proposal, Site } from "./template.ts";

/** Index and slice brackets after a value: dropped, reversed or with another bound. */
export function* slices({ unit, index, pool }: Site): Iterable<Proposal> {
  if (textAt(unit, index) !== "[" || !endsValue(unit, index - 1)) return;
  const close = unit.partner[index] ?? -1;
  if (close < 0) return;
  const [from, to] = [unit.tokens[index]?.start ?? 0, unit.tokens[close]?.end ?? 0];
  yield {
    template: "slice",
    start: from,
    end: to,
    text: "",
    prior: 0.2,
    why: "the index or slice does not belong there",
  };
  if (unit.language !== "python") return;
  const inner = textOfTokens(unit, index + 1, close - 1);
  const line = unit.tokens[index]?.line ?? 0;
  const whole = (text: string, prior: number, why: string): Proposal => ({
    template: "slice",
    start: from,
    end: to,
    text: `[${text}]`,
    prior,
    why,
  });
  const colon = inner.indexOf(":");
  if (colon < 0) {
    yield whole(`${inner}:`, 0.15, "a slice is meant, not one element");
    yield whole(`:${inner}`, 0.15, "a slice is meant, not one element");
    return;
  }
  const [low, high] = [inner.slice(0, colon).trim(), inner.slice(colon + 1).trim()];
  if (high.includes(":")) {
    yield whole(":", 0.2, "the step of the slice does not belong there");
    return;
  }
  const wrong = "the slice has the wrong bounds";
  if (low !== "") yield whole(`:${high}`, 0.25, wrong);
  if (high !== "") yield whole(`${low}:`, 0.25, wrong);
  if (low !== "" && high === "") yield whole(`:${low}`, 0.25, wrong);
  if (low === "" && high !== "") yield whole(`${high}:`, 0.25, wrong);
  if (low === "") yield whole(`1:${high}`, 0.3, wrong);
  if (high === "") yield whole(`${low}:-1`, 0.3, wrong);
  yield whole(`${inner}:-1`, 0.12, "the slice runs the wrong way");
  for (const name of nearestFirst(pool.variables, "", line, 3)) {
    if (low === "") yield whole(`${name}:${high}`, 0.1, wrong);
    if (high === "") yield whole(`${low}:${name}`, 0.1, wrong);
  }
}
