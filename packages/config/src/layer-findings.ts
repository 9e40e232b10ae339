import { checkTable, type KeyFinding } from "./check-table.ts";
import { formatKeyPath } from "./key-path.ts";
import type { LayerContent } from "./layer.ts";
import { KEY_STATUS, type KeyStatusEntry } from "./schema/key-status.ts";
import { isDeeperThan, isTable, type Table } from "./table.ts";
import { lineOfKey } from "./toml-scan.ts";
import { type ConfigWarning, configWarning } from "./warning.ts";

/** Something that stops the program: one line that names file, key, what was expected and what was found. */
export interface ConfigProblem {
  kind: "invalid" | "unknown";
  message: string;
}

const NESTING_LIMIT = 64;

export interface CheckedLayer {
  /** The layer without its invalid and unknown keys. */
  table: Table;
  problems: ConfigProblem[];
  warnings: ConfigWarning[];
}

/**
 * Checks a layer. Invalid values are problems, unknown keys are warnings; `strict` makes problems of both, and
 * `lenient` makes warnings of both, which is how the files of a project are treated.
 */
export function checkLayer(layer: LayerContent, mode: "strict" | "normal" | "lenient"): CheckedLayer {
  if (isDeeperThan(layer.table, NESTING_LIMIT)) return tooDeep(layer, mode);
  const { table, findings } = checkTable(layer.table);
  const problems: ConfigProblem[] = [];
  const warnings: ConfigWarning[] = [];
  for (const finding of findings) {
    const message = describeFinding(layer, finding);
    if (mode === "strict" || (mode === "normal" && finding.kind === "invalid")) {
      problems.push({ kind: finding.kind, message });
    } else {
      warnings.push(findingWarning(layer, finding, message));
    }
  }
  return { table, problems, warnings };
}

/** A layer that only a hostile hand can have written; walking it could exhaust the stack. */
function tooDeep(layer: LayerContent, mode: "strict" | "normal" | "lenient"): CheckedLayer {
  const message = `${placeOf(layer, [])}: tables are nested more than ${NESTING_LIMIT} deep.`;
  if (mode !== "lenient") return { table: {}, problems: [{ kind: "invalid", message }], warnings: [] };
  const warning = configWarning("project_config_broken", `${message} The project's file is ignored.`, {
    file: layer.file,
  });
  return { table: {}, problems: [], warnings: [warning] };
}

/** Where a key of this layer stands, for the start of a message: a file with its line, or the command line. */
export function placeOf(
  layer: Pick<LayerContent, "kind" | "file" | "source">,
  path: readonly string[],
): string {
  if (layer.file === null) return layer.kind === "override" ? "-c" : "command line";
  const line = lineIn(layer, path);
  return line === null ? layer.file : `${layer.file}:${line}`;
}

export function lineIn(layer: Pick<LayerContent, "source">, path: readonly string[]): number | null {
  return layer.source === null ? null : lineOfKey(layer.source, path);
}

/** Notices about keys that are valid and change nothing. `seen` keeps each to one notice for the whole load. */
export function statusWarnings(layer: LayerContent, table: Table, seen: Set<string>): ConfigWarning[] {
  const warnings: ConfigWarning[] = [];
  const visit = (here: Table, path: string[], patterns: string[]) => {
    for (const [key, value] of Object.entries(here)) {
      const keyPath = [...path, key];
      const names =
        patterns.length === 0 ? [key] : patterns.flatMap((name) => [`${name}.${key}`, `${name}.*`]);
      const pattern = names.find((name) => Object.hasOwn(KEY_STATUS, name));
      const entry = pattern === undefined ? undefined : KEY_STATUS[pattern];
      if (pattern !== undefined && entry !== undefined) {
        if (!seen.has(pattern)) warnings.push(statusWarning(layer, keyPath, entry));
        seen.add(pattern);
      } else if (isTable(value)) {
        visit(value, keyPath, names);
      }
    }
  };
  visit(table, [], []);
  return warnings;
}

function describeFinding(layer: LayerContent, finding: KeyFinding): string {
  const place = placeOf(layer, finding.path);
  const key = formatKeyPath(finding.path);
  if (finding.kind === "invalid")
    return `${place}: ${key} must be ${finding.expected}, found ${finding.found}.`;
  if (finding.belongsAtTop) {
    return `${place}: unknown key ${key}. ${finding.suggestion} is a top-level key: move it above the first [table].`;
  }
  const hint = finding.suggestion === null ? "" : ` Did you mean ${finding.suggestion}?`;
  return `${place}: unknown key ${key}.${hint}`;
}

function findingWarning(layer: LayerContent, finding: KeyFinding, message: string): ConfigWarning {
  return configWarning(
    finding.kind === "unknown" ? "unknown_key" : "project_key_ignored",
    `${message} It is ignored.`,
    {
      file: layer.file,
      line: lineIn(layer, finding.path),
      key: formatKeyPath(finding.path),
      suggestion: finding.kind === "unknown" ? finding.suggestion : null,
    },
  );
}

function statusWarning(layer: LayerContent, path: string[], entry: KeyStatusEntry): ConfigWarning {
  const key = formatKeyPath(path);
  const words = {
    not_yet: `${key} is known and has no effect yet`,
    hosted_only: `${key} is known and has no effect here`,
    removed: `${key} is no longer supported and is ignored`,
  }[entry.status];
  const note = entry.note === undefined ? "" : `: ${entry.note}`;
  const isRemoved = entry.status === "removed";
  // The line of a mere notice is not worth scanning the file for at every start.
  const place = isRemoved ? placeOf(layer, path) : placeOf({ ...layer, source: null }, path);
  return configWarning(isRemoved ? "key_removed" : "key_without_effect", `${place}: ${words}${note}.`, {
    level: isRemoved ? "warning" : "info",
    file: layer.file,
    line: isRemoved ? lineIn(layer, path) : null,
    key,
  });
}
