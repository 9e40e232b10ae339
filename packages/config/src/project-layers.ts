import { join } from "node:path";
import { type ConfigFs, realpathOrNull } from "./config-fs.ts";
import type { LayerContent, LayerReport } from "./layer.ts";
import { isInside, layerFileExists, readLayerFile } from "./layer-file.ts";
import { directoriesBetween, findProjectRoot } from "./project-root.ts";
import type { Table } from "./table.ts";
import { mainCheckoutOf, readTrustTable, type TrustLevel, trustOf } from "./trust.ts";
import { type ConfigWarning, configWarning } from "./warning.ts";

/** Folders in which a project may keep a `config.toml`; the later one wins in the same directory. */
const PROJECT_FOLDERS = [".codex", ".quire"];

export interface ProjectInput {
  /** Real path. */
  cwd: string;
  rootMarkers: readonly string[];
  /** The user's own layers joined: the only place from which trust is read. */
  userTable: Table;
  /** Overrides the user's table when it is not null. */
  trustProject: boolean | null;
  /** Homes of users, which are not project folders even when the working directory lies right above them. */
  homes: readonly string[];
  fs: ConfigFs;
}

export interface ProjectFacts {
  /** Real path; null when no marker was found, and then only the working directory counts. */
  root: string | null;
  /** What is said about the working directory; null when nothing is. */
  trust: TrustLevel | null;
}

export interface ProjectLayers {
  facts: ProjectFacts;
  /** From the root down to the working directory: what was read, from trusted directories only. */
  contents: LayerContent[];
  reports: LayerReport[];
  warnings: ConfigWarning[];
}

/** Finds the project's files and reads those of trusted directories. Files of untrusted ones are not opened. */
export async function readProjectLayers(input: ProjectInput): Promise<ProjectLayers> {
  const { cwd, fs } = input;
  const root = await findProjectRoot(cwd, input.rootMarkers, fs);
  const [trustTable, mainCheckout, files] = await Promise.all([
    readTrustTable(input.userTable, fs),
    root === null ? null : mainCheckoutOf(root, fs),
    existingFiles(directoriesBetween(root, cwd), input),
  ]);
  const trustAt = (directory: string): TrustLevel | null => {
    if (input.trustProject !== null) return input.trustProject ? "trusted" : "untrusted";
    return trustOf(directory, root, mainCheckout, trustTable);
  };
  const result: ProjectLayers = {
    facts: { root, trust: trustAt(cwd) },
    contents: [],
    reports: [],
    warnings: [],
  };
  const untrusted: string[] = [];
  for (const { file, directory } of files) {
    if (trustAt(directory) === "trusted") {
      await readTrusted(file, root ?? cwd, fs, result);
    } else {
      untrusted.push(file);
      result.reports.push({
        kind: "project",
        file,
        status: "untrusted",
        reason: "the project is not trusted",
      });
    }
  }
  if (untrusted.length > 0) result.warnings.push(untrustedWarning(untrusted, result.facts.trust));
  return result;
}

async function existingFiles(
  directories: readonly string[],
  { fs, homes }: ProjectInput,
): Promise<{ file: string; directory: string }[]> {
  const candidates = await Promise.all(
    directories
      .flatMap((directory) =>
        PROJECT_FOLDERS.map((folder) => ({ directory, folder: join(directory, folder) })),
      )
      .map(async ({ directory, folder }) => {
        const file = join(folder, "config.toml");
        return (await layerFileExists(file, fs)) ? { file, directory, folder } : null;
      }),
  );
  const found = candidates.filter((entry) => entry !== null);
  if (found.length === 0) return [];
  const realHomes = await Promise.all(homes.map((home) => realpathOrNull(fs, home)));
  const realFolders = await Promise.all(found.map(({ folder }) => realpathOrNull(fs, folder)));
  return found.filter((_, index) => {
    const real = realFolders[index] ?? null;
    return real === null || !realHomes.includes(real);
  });
}

async function readTrusted(file: string, root: string, fs: ConfigFs, result: ProjectLayers): Promise<void> {
  const read = (await isInside(file, root, fs))
    ? await readLayerFile(file, fs)
    : { status: "broken" as const, reason: `${file} leads out of the project.` };
  const reason = read.status === "broken" ? read.reason : null;
  result.reports.push({ kind: "project", file, status: read.status, reason });
  if (read.status === "loaded") {
    result.contents.push({ kind: "project", file, source: read.source, table: read.table });
  } else if (reason !== null) {
    result.warnings.push(
      configWarning("project_config_broken", `${reason} The project's file is ignored.`, { file }),
    );
  }
}

/** Shown until the user has decided; afterwards it is a notice. */
function untrustedWarning(files: string[], trust: TrustLevel | null): ConfigWarning {
  return configWarning(
    "project_untrusted",
    `The project is not trusted, so its configuration is ignored: ${files.join(", ")}. To trust it, run with --trust.`,
    { file: files[0] ?? null, level: trust === "untrusted" ? "info" : "warning" },
  );
}
