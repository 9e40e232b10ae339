/** How every row must be shown: nobody here has run these. */
export const BENCHMARK_CAVEAT = "published, not reproduced";

/** What the sources of rows are, by the letters that stand in them. */
export const PUBLISHED_SOURCES: Readonly<Record<string, string>> = {
  D1: "a reseller's article, September 2025",
  D2: "an encyclopaedia's article, spring 2026",
  D3: "a guide to the API, mid-2026",
};

/** Dollars for one task, by kind of work, as the source D3 estimates them. */
export const PUBLISHED_TASK_COSTS: Readonly<Record<string, string>> = {
  lint: "$0.02–0.05",
  feature: "$0.15–0.40",
  refactor: "$1.50–4.00",
  review: "$0.10–0.25",
  debug: "$0.20–0.80",
};

/** One published figure. Rows with the same benchmark, metric and subject are disagreeing sources; all are kept. */
export interface PublishedBenchmark {
  benchmark: string;
  metric: string;
  subject: string;
  /** Percent, unless the metric says otherwise. */
  value: number;
  /** The source itself says "about". */
  approximate: boolean;
  sources: readonly string[];
  note?: string;
}

/** Subject, figure ("~" for about), and what differs from the rest of the group. */
type Row = readonly [
  subject: string,
  figure: string,
  differs?: { sources?: readonly string[]; note?: string },
];

function group(
  benchmark: string,
  metric: string,
  sources: readonly string[],
  rows: readonly Row[],
): PublishedBenchmark[] {
  return rows.map(([subject, figure, differs]) => ({
    benchmark,
    metric,
    subject,
    value: Number(figure.replace("~", "")),
    approximate: figure.startsWith("~"),
    sources: differs?.sources ?? sources,
    ...(differs?.note === undefined ? {} : { note: differs.note }),
  }));
}

const EARLY_MODELS = ["GPT-3 175B", "GPT-J 6B", "Codex 12B", "Codex-S 12B"] as const;

function early(metric: string, figures: readonly string[]): PublishedBenchmark[] {
  return group(
    "HumanEval",
    metric,
    ["D2"],
    EARLY_MODELS.map((subject, index): Row => [subject, figures[index] ?? "NaN"]),
  );
}

export const PUBLISHED_BENCHMARKS: readonly PublishedBenchmark[] = [
  ...early("pass@1", ["0", "11.4", "28.8", "37.7"]),
  ...early("pass@10", ["0", "15.7", "46.8", "55.5"]),
  ...early("pass@100", ["0", "27.7", "72.3", "77.5"]),
  ...group(
    "HumanEval",
    "pass@1",
    ["D2"],
    [
      ["code-davinci-002", "~47", { note: "2022" }],
      ["GPT-3.5 Turbo", "~48", { note: "2023" }],
      ["GPT-4", "67.0", { note: "2023" }],
      ["GPT-4 Turbo", "~79", { note: "2024" }],
      ["Claude 3.5 Sonnet", "92.0", { note: "2024" }],
      ["GPT-4o", "~90", { note: "2024" }],
    ],
  ),
  ...group(
    "SWE-bench Verified",
    "pass@1",
    ["D2"],
    [
      ["codex-1", "72.1", { note: "23 samples excluded" }],
      ["o3", "71.7"],
      ["GPT-5", "72.8", { sources: ["D1"], note: "all 500" }],
      ["GPT-5-Codex", "74.5", { sources: ["D1"], note: "all 500" }],
      ["GPT-5.1-Codex", "73.7"],
      ["GPT-5.1-Codex-Max", "77.9"],
      ["Claude Opus 4.5", "80.9"],
    ],
  ),
  ...group("SWE-bench Verified", "pass@8", ["D2"], [["codex-1", "83.86", { note: "23 samples excluded" }]]),
  ...group(
    "SWE-bench Pro",
    "resolved",
    ["D3"],
    [
      ["GPT-5-Codex", "~48"],
      ["GPT-5.1-Codex", "~51"],
      ["GPT-5.1-Codex", "50.8", { sources: ["D2"] }],
      ["GPT-5.2-Codex", "~54"],
      ["GPT-5.2-Codex", "56.4", { sources: ["D2"] }],
      ["GPT-5.3-Codex", "56.8"],
      ["GPT-5.5", "58.6"],
      ["Claude Opus 4.7", "64.3"],
    ],
  ),
  ...group(
    "Terminal-Bench 2.0",
    "resolved",
    ["D2", "D3"],
    [
      ["GPT-5.1-Codex", "52.8"],
      ["GPT-5.1-Codex-Max", "58.1"],
      ["GPT-5.2-Codex", "64.0", { sources: ["D2"] }],
      ["GPT-5.2-Codex", "~70", { sources: ["D3"] }],
      ["GPT-5.3-Codex", "77.3"],
      ["GPT-5.5", "82.7"],
      ["Claude Opus 4.7", "~71"],
    ],
  ),
  ...group("OSWorld-Verified", "resolved", ["D3"], [["GPT-5.3-Codex", "64.7"]]),
  ...group("CVE-Bench", "resolved", ["D2"], [["GPT-5.2-Codex", "87.0"]]),
  ...group("network attack simulation", "resolved", ["D2"], [["GPT-5.2-Codex", "79"]]),
  ...group("vulnerability research", "resolved", ["D2"], [["GPT-5.2-Codex", "80"]]),
  ...group(
    "refactoring metric",
    "score",
    ["D1"],
    [
      ["GPT-5", "~34"],
      ["GPT-5-Codex", "~51"],
    ],
  ),
];
