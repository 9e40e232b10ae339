import { anthropicDialect } from "./anthropic.ts";
import { chatDialect } from "./chat.ts";
import { completionsDialect } from "./completions.ts";
import type { Dialect } from "./dialect.ts";
import { responsesDialect } from "./responses.ts";

export const DIALECTS: readonly Dialect[] = [
  responsesDialect,
  chatDialect,
  anthropicDialect,
  completionsDialect,
];
