import { join } from "node:path";
import { type ConfigFs, realpathOrNull } from "./config-fs.ts";
import type { LayerContent, LayerReport } from "./layer.ts";
import { isInside, layerFileExists, readLayerFile } from "./layer-file.ts";
import { directoriesBetween, findProjectRoot } from "./project-root.ts";
import type { Table } from "./table.ts";
import { mainCheckoutOf, readTrustTable, type TrustLevel, type TrustTable, trustOf } from "./trust.ts";
import { readTrustRecords } from "./trust-record.ts";
import {
  type ContentTrust,
  describeChange,
  isTrustedContent,
  PROJECT_FOLDERS,
  recordKey,
  TRUSTS_NOTHING,
} from "./trusted-content.ts";
import { type ConfigWarning, configWarning } from "./warning.ts";

export interface ProjectInput {
  /** Real path. */
  cwd: string;
  rootMarkers: readonly string[];
  /** The user's own layers joined, the command line included: the only place from which trust is read. */
  userTable: Table;
  /** What the command line alone says: it is about the project as it is now. */
  commandLine: Table;
  /** Holds the record of what was trusted. */
  home: string;
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
  /** Which content of its files is trusted. */
  content: ContentTrust;
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
  const trust = trustAt(cwd);
  const someTrust = [cwd, ...files.map(({ directory }) => directory)].some((at) => trustAt(at) === "trusted");
  const content = someTrust ? await contentTrust(input, { root, mainCheckout }) : TRUSTS_NOTHING;
  const result: ProjectLayers = {
    facts: { root, trust, content },
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
  if (read.status === "loaded" && !isTrustedContent(result.facts.content, root, file, read.source)) {
    await refuseChanged({ file, root, source: read.source }, result);
  } else if (read.status === "loaded") {
    result.contents.push({ kind: "project", file, source: read.source, table: read.table });
  } else if (reason !== null) {
    result.warnings.push(
      configWarning("project_config_broken", `${reason} The project's file is ignored.`, { file }),
    );
  }
}

/** The command line trusts what is there; everything else trusts what was recorded when the user said so. */
async function contentTrust(
  input: ProjectInput,
  place: { root: string | null; mainCheckout: string | null },
): Promise<ContentTrust> {
  const { cwd, fs, trustProject } = input;
  const { root, mainCheckout } = place;
  const said: TrustTable = await readTrustTable(input.commandLine, fs);
  if (trustProject || trustOf(cwd, root, mainCheckout, said) === "trusted") return { kind: "any" };
  const records = await readTrustRecords(input.home, fs);
  const files = records.get(root ?? cwd) ?? records.get(mainCheckout ?? "");
  return files === undefined ? TRUSTS_NOTHING : { kind: "recorded", files };
}

async function refuseChanged(
  { file, root, source }: { file: string; root: string; source: string },
  result: ProjectLayers,
): Promise<void> {
  const { content } = result.facts;
  const recorded = content.kind === "recorded" ? content.files : new Map();
  const why =
    recorded.size === 0
      ? "config.toml trusts this project, but what it holds was never confirmed"
      : "it is not as it was when you trusted this project";
  const report = result.reports.at(-1);
  if (report) {
    report.status = "changed";
    report.reason = "its content is not what was trusted";
  }
  result.warnings.push(
    configWarning(
      "project_changed",
      `${file} is ignored: ${why}. Look at it, then trust it as it is with --trust.`,
      {
        file,
        details: recorded.size === 0 ? [] : await describeChange(recorded.get(recordKey(root, file)), source),
      },
    ),
  );
}

/** Shown until the user has decided; afterwards it is a notice. */
function untrustedWarning(files: string[], trust: TrustLevel | null): ConfigWarning {
  return configWarning(
    "project_untrusted",
    `The project is not trusted, so its configuration is ignored: ${files.join(", ")}. To trust it, run with --trust.`,
    { file: files[0] ?? null, level: trust === "untrusted" ? "info" : "warning" },
  );
}
