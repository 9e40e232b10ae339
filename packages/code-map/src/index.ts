export { type CodeMap, type CodeMapDeps, type MapAnswer, type MapRequest, openCodeMap } from "./code-map.ts";
export {
  type FileListing,
  type FileSource,
  type ListedFile,
  listingOf,
  statId,
  walkingSource,
} from "./file-source.ts";
export { findGrammars, loadParser, type Parser } from "./grammar.ts";
export type { SymbolKind } from "./languages.ts";
export type { MapContent, MapFile } from "./map-content.ts";

export { DEFAULT_BUDGET_BYTES, LEAST_BUDGET_BYTES, MOST_BUDGET_BYTES } from "./render-map.ts";
export type { SkipReason } from "./skip-rules.ts";
export type { CodeSymbol } from "./symbols.ts";
