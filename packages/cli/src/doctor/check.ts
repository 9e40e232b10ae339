/** How one check ended. `skipped` says in `summary` why it did not apply. */
export type CheckStatus = "ok" | "warning" | "error" | "skipped";

/** One line of the report. */
export interface CheckResult {
  id: string;
  title: string;
  status: CheckStatus;
  summary: string;
  details: readonly string[];
  /** What to do, when something is wrong. */
  remediation: string | null;
  durationMs: number;
}

export type CheckFinding = Pick<CheckResult, "status" | "summary"> &
  Partial<Pick<CheckResult, "details" | "remediation">>;

export interface Check {
  id: string;
  title: string;
  run: () => Promise<CheckFinding>;
}

/** Runs checks one after the other; one that throws is an error of its own and does not stop the others. */
export async function runChecks(checks: readonly Check[], monotonicMs: () => number): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    const began = monotonicMs();
    const finding = await check.run().catch(
      (thrown: unknown): CheckFinding => ({
        status: "error",
        summary: thrown instanceof Error ? thrown.message : String(thrown),
      }),
    );
    results.push({
      id: check.id,
      title: check.title,
      details: [],
      remediation: null,
      ...finding,
      durationMs: Math.round(monotonicMs() - began),
    });
  }
  return results;
}
