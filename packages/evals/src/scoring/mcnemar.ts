/**
 * The exact two-sided McNemar test: how likely a split of the disagreeing pairs at least as uneven as this one is, when
 * neither side is better. `better` and `worse` count the pairs that only one side got right; 1 when there are none.
 */
export function mcnemarExact(better: number, worse: number): number {
  const n = better + worse;
  const least = Math.min(better, worse);
  let sum = 0;
  for (let i = 0; i <= least; i++) sum += Math.exp(logChoose(n, i) - n * Math.LN2);
  return Math.min(1, 2 * sum);
}

function logChoose(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
  return sum;
}
