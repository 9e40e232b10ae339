import { BENCHMARK_CAVEAT } from "@quire/models";
import { visibleText } from "@quire/protocol";
import { costWords } from "./markdown.ts";
import {
  allNotes,
  failedTitle,
  MOST_DETAIL,
  MOST_FAILED_ROWS,
  ownFigures,
  passedWords,
  percent,
  publishedTable,
  type RunReport,
  tagTable,
} from "./run-report.ts";

const STYLE = `
:root{color-scheme:light dark;--ink:#1c2024;--soft:#5f6870;--line:#dfe3e6;--paper:#fff;--band:#f5f7f8;--good:#1a7f4b;--bar:#2f6fde}
@media(prefers-color-scheme:dark){:root{--ink:#e7eaec;--soft:#9aa4ac;--line:#343b41;--paper:#15181b;--band:#1d2226;--good:#4cc38a;--bar:#6aa0ff}}
*{box-sizing:border-box}body{margin:0 auto;max-width:62rem;padding:2rem 1.25rem 4rem;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1.05rem;margin:2.25rem 0 .6rem}p{margin:.25rem 0;color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(18rem,100%),1fr));gap:.75rem;margin-top:1.25rem}
.card{border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem;background:var(--band)}
.card b{display:block;font-size:1.55rem;font-variant-numeric:tabular-nums}.card span{color:var(--soft);font-size:.85rem}
.track{position:relative;height:.4rem;margin-top:.6rem;border-radius:.2rem;background:var(--line)}
.track i{position:absolute;top:0;bottom:0;border-radius:.2rem;background:var(--bar)}.track u{position:absolute;top:-.15rem;bottom:-.15rem;background:var(--bar);opacity:.3;border-radius:.2rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;padding:.35rem .7rem;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:600}td.w{width:60%}td.w .track{margin:.45rem 0 0}td.w i{background:var(--soft)}tbody tr:hover{background:var(--band)}
tr.own td{font-weight:600;background:var(--band)}td.n{font-variant-numeric:tabular-nums;white-space:nowrap}td.d{font-family:ui-monospace,monospace;font-size:.82rem;overflow-wrap:anywhere;white-space:pre-wrap}
.note{border-left:3px solid var(--bar);padding:.3rem .8rem;margin-top:1rem;color:var(--ink)}
`;

/** A run as one HTML page that loads nothing and runs nothing. */
export function htmlReport(run: RunReport): string {
  const { score } = run;
  const title = `${run.benchmark}${run.model === null ? "" : `: ${run.model}`}`;
  const summary = `${passedWords(run)}. ${run.date.slice(0, 16).replace("T", " ")} UTC, ${run.wallSeconds.toFixed(1)} s${costWords(run)}.`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title><style>${STYLE}</style></head><body>
<h1>${escaped(title)}</h1><p>${escaped(summary)}</p>
<div class="cards">${score.estimates.map(card).join("")}</div>
${allNotes(run)
  .map((note) => `<p class="note">${escaped(note)}</p>`)
  .join("")}
${tagSection(run)}
${reasonSection(run)}
${publishedSection(run)}
${failedSection(run)}
</body></html>
`;
}

function card({ k, value, interval }: RunReport["score"]["estimates"][number]): string {
  const range =
    interval === null
      ? ""
      : `<u style="left:${width(interval.low)};width:${width(interval.high - interval.low)}"></u>`;
  const words = interval === null ? "" : ` · 95 %: ${percent(interval.low)} to ${percent(interval.high)}`;
  return `<div class="card"><span>pass@${k}${escaped(words)}</span><b>${percent(value)}</b><div class="track"><i style="left:0;width:${width(value)}"></i>${range}</div></div>`;
}

function width(share: number): string {
  return `${(100 * Math.min(1, Math.max(0, share))).toFixed(2)}%`;
}

function tagSection(run: RunReport): string {
  const { head, rows } = tagTable(run);
  return section(
    "By kind of work",
    head,
    rows.map(([tag = "", ...figures]) => [td(tag), ...figures.map(number)]),
  );
}

function reasonSection({ unit, score: { failures } }: RunReport): string {
  const most = Math.max(...failures.map(({ count }) => count));
  return section(
    `Why ${unit} failed`,
    ["reason", unit, ""],
    failures.map(({ reason, count }) => {
      const bar = `<div class="track"><i style="left:0;width:${width(count / most)}"></i></div>`;
      return [td(reason), number(String(count)), `<td class="w">${bar}</td>`];
    }),
  );
}

function failedSection({ unit, failed }: RunReport): string {
  const shown = failed.slice(0, MOST_FAILED_ROWS);
  const more = failed.length > shown.length ? ` (the first ${shown.length} of ${failed.length})` : "";
  return section(
    `${failedTitle(unit)}${more}`,
    ["task", "reason", "detail"],
    shown.map(({ task, reason, detail }) => [
      td(task),
      td(reason),
      // Every row here failed; what matters is the rest of the verdict.
      `<td class="d">${escaped(detail.replace(/^failed: /, "").slice(0, MOST_DETAIL))}</td>`,
    ]),
  );
}

function publishedSection(run: RunReport): string {
  const { metrics, rows } = publishedTable(run.published);
  if (rows.length === 0) return "";
  const own = [td("this run"), ...ownFigures(run, metrics).map(number), td("measured"), td("")];
  return section(
    `Beside published figures (${BENCHMARK_CAVEAT})`,
    ["", ...metrics, "source", ""],
    rows.map(({ subject, figures, sources, notes }) => [
      td(subject),
      ...figures.map(number),
      td(sources.join(", ")),
      td(notes.join("; ")),
    ]),
    own,
  );
}

function section(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  own?: readonly string[],
): string {
  if (rows.length === 0) return "";
  const first = own === undefined ? "" : `<tr class="own">${own.join("")}</tr>`;
  const cells = head.map((name) => `<th>${escaped(name)}</th>`).join("");
  return `<h2>${escaped(title)}</h2><div class="wide"><table><thead><tr>${cells}</tr></thead><tbody>${first}${rows.map((row) => `<tr>${row.join("")}</tr>`).join("")}</tbody></table></div>`;
}

function td(text: string): string {
  return `<td>${escaped(text)}</td>`;
}

function number(text: string): string {
  return `<td class="n">${escaped(text)}</td>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Nothing that a model wrote becomes markup, hides or changes its direction. */
function escaped(text: string): string {
  return visibleText(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
