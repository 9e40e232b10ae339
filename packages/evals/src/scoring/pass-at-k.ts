/** How one problem went: `n` samples, `c` of them right. */
export interface ProblemCount {
  readonly n: number;
  readonly c: number;
}

/**
 * The unbiased estimate of pass@k for one problem (Chen et al. 2021): 1 - C(n-c, k) / C(n, k), as the product
 * that neither overflows nor cancels. NaN when there are fewer than `k` samples, which estimate nothing.
 */
export function passAtK({ n, c }: ProblemCount, k: number): number {
  if (k < 1 || n < k) return Number.NaN;
  if (n - c < k) return 1;
  let none = 1;
  // The shorter of the two products that equal the quotient.
  if (c <= k) for (let i = n - c + 1; i <= n; i++) none *= 1 - k / i;
  else for (let i = n - k + 1; i <= n; i++) none *= 1 - c / i;
  return 1 - none;
}
