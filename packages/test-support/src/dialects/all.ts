import type { Dialect } from "./dialect.ts";
import { responsesDialect } from "./responses.ts";

export const DIALECTS: readonly Dialect[] = [responsesDialect];
