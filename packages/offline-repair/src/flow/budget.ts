/**
 * The seconds a turn may take. The engine has no clock: it adds up the wall times that the tool outputs report, so the
 * same conversation always leaves the same budget.
 */
export interface Budget {
  readonly total: number;
  spend(seconds: number): void;
  left(): number;
}

/** A budget of so many seconds. */
export function createBudget(total: number): Budget {
  let spent = 0;
  return {
    total,
    spend(seconds) {
      spent += seconds;
    },
    left() {
      return Math.max(0, total - spent);
    },
  };
}
