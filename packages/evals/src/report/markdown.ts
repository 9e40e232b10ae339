import { BENCHMARK_CAVEAT } from "@quire/models";
import { visibleText } from "@quire/protocol";
import {
  allNotes,
  failedTitle,
  MOST_DETAIL,
  MOST_FAILED_ROWS,
  money,
  ownFigures,
  passedWords,
  percent,
  publishedTable,
  type RunReport,
  tagTable,
} from "./run-report.ts";

/** A run as Markdown, for a comment or a file. */
export function markdownReport(run: RunReport): string {
  const { score } = run;
  const parts = [
    `# ${cell(run.benchmark)}${run.model === null ? "" : `: ${cell(run.model)}`}`,
    [`${passedWords(run)}.`, `${run.date}, ${run.wallSeconds.toFixed(1)} s${costWords(run)}.`].join(" "),
    table(
      ["", "estimate (95 % interval over problems)"],
      score.estimates.map(({ k, value, interval }) => [`pass@${k}`, percent(value, interval)]),
    ),
    ...allNotes(run).map((note) => `> ${cell(note)}`),
  ];
  const tags = tagTable(run);
  if (tags.rows.length > 0)
    parts.push(
      "## By kind of work",
      table(
        tags.head,
        tags.rows.map((row) => row.map(cell)),
      ),
    );
  if (score.failures.length > 0) {
    parts.push(
      `## Why ${run.unit} failed`,
      table(
        ["reason", run.unit],
        score.failures.map(({ reason, count }) => [cell(reason), String(count)]),
      ),
    );
  }
  if (run.failed.length > 0) {
    parts.push(
      `## ${failedTitle(run.unit)}`,
      table(
        ["task", "reason", "detail"],
        run.failed
          .slice(0, MOST_FAILED_ROWS)
          .map(({ task, reason, detail }) => [cell(task), cell(reason), cell(detail.slice(0, MOST_DETAIL))]),
      ),
    );
  }
  if (run.published.length > 0) {
    const published = publishedTable(run.published);
    parts.push(
      `## Beside published figures (${BENCHMARK_CAVEAT})`,
      table(
        ["", ...published.metrics, "source", ""],
        [
          ["**this run**", ...ownFigures(run, published.metrics).map(cell), "measured", ""],
          ...published.rows.map(({ subject, figures, sources, notes }) => [
            cell(subject),
            ...figures.map(cell),
            cell(sources.join(", ")),
            cell(notes.join("; ")),
          ]),
        ],
      ),
    );
  }
  return `${parts.join("\n\n")}\n`;
}

/** What the run took in tokens and money, as far as it is known. */
export function costWords({ usage, usd }: Pick<RunReport, "usage" | "usd">): string {
  if (usage === null) return "";
  return `, ${usage.input_tokens + usage.output_tokens} tokens, ${money(usd)}`;
}

/** Text that stays in its cell and starts nothing. */
function cell(text: string): string {
  return visibleText(text)
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[\\`*_{}[\]<>#|!~&]/g, (character) => `\\${character}`);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
