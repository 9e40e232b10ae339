/** What the runs of a driver say of one line: its number, and how many failing and passing runs went through it. */
export type LineSpectrum = readonly [line: number, failed: number, passed: number];

/** Lines of one file with their suspiciousness between 0 and 1; lines count from 1 in the file. */
export type Suspicion = ReadonlyMap<number, number>;

/**
 * Ochiai: the cosine between "this line ran" and "the run failed". 1 is a line that ran in every failing and in no
 * passing run.
 */
function ochiai(failed: number, passed: number, totalFailed: number): number {
  if (failed === 0 || totalFailed === 0) return 0;
  return failed / Math.sqrt(totalFailed * (failed + passed));
}

/** Turns spectra into suspiciousness; a line of a failure's stack trace counts at least `TRACE_WEIGHT`. */
export function suspicionOf(
  spectra: readonly LineSpectrum[],
  totalFailed: number,
  traceLines: readonly number[],
): Map<number, number> {
  const suspicion = new Map<number, number>();
  for (const [line, failed, passed] of spectra) {
    const score = ochiai(failed, passed, totalFailed);
    if (score > 0) suspicion.set(line, score);
  }
  for (const line of traceLines)
    suspicion.set(line, Math.max(TRACE_WEIGHT, (suspicion.get(line) ?? 0) * 1.3));
  return suspicion;
}

const TRACE_WEIGHT = 0.6;
