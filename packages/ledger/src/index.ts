export {
  BudgetBook,
  type BudgetBookDeps,
  type CallNeed,
  type Limits,
  type ReserveOutcome,
  type SharedBudgetState,
  type SharedLimits,
  type Shortage,
} from "./budget-book.ts";
export { groupUsage, type UsageGroup, type UsageReport } from "./group-usage.ts";
export {
  type LedgerEntry,
  LedgerEntrySchema,
  type LedgerPrice,
  type LedgerUsage,
  ledgerCost,
  ledgerUsage,
  PURPOSES,
  type Purpose,
  parseEntry,
  wasRefused,
} from "./ledger-entry.ts";
export { ledgerDirectory, ledgerMonths, monthFile, wholeLines } from "./ledger-files.ts";
export { type Amount, SHARED_SCOPES, type SharedScope } from "./ledger-totals.ts";
export { type LedgerFs, type LedgerWriter, nodeLedgerFs, openLedger } from "./ledger-writer.ts";
export { type Calendar, type LedgerSums, readLedger, type SumsDeps } from "./month-sums.ts";
export type { ReservationOwner } from "./reservation-files.ts";
export { DIMENSIONS, type Dimension, emptySum, NO_TOOL, type UsageRow, type UsageSum } from "./usage-row.ts";
