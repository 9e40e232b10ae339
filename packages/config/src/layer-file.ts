import { isWithin } from "@quire/protocol";
import { type ConfigFs, errnoOf, isAbsence, realpathOrNull } from "./config-fs.ts";
import type { Table } from "./table.ts";
import { decodeUtf8, parseToml } from "./toml.ts";

const SIZE_LIMIT = 1024 * 1024;

export type LayerFile =
  | { status: "loaded"; source: string; table: Table; mode: number }
  | { status: "absent" }
  /** `reason` is a sentence that names the file and, for broken TOML, the place and the line. */
  | { status: "broken"; reason: string };

/** Reads one configuration file. Never throws. Devices, pipes and files beyond 1 MiB are not read. */
export async function readLayerFile(path: string, fs: ConfigFs): Promise<LayerFile> {
  try {
    const facts = await fs.stat(path);
    if (facts === null) return { status: "absent" };
    if (!facts.isFile()) return broken(`${path} is not a regular file.`);
    if (facts.size > SIZE_LIMIT) return broken(`${path} is larger than 1 MiB.`);
    const source = decodeUtf8(await fs.readFile(path));
    if (source === null) return broken(`${path} is not UTF-8 text.`);
    const parsed = await parseToml(source);
    if (parsed.ok) return { status: "loaded", source, table: parsed.table, mode: facts.mode };
    return broken(`${path}:${parsed.line}:${parsed.column}: ${parsed.message}: ${parsed.lineText}`);
  } catch (error) {
    if (isAbsence(error)) return { status: "absent" };
    return broken(`${path} cannot be read (${errnoOf(error) || String(error)}).`);
  }
}

/** Whether the file is there at all, without reading it. */
export async function layerFileExists(path: string, fs: ConfigFs): Promise<boolean> {
  try {
    return (await fs.stat(path)) !== null;
  } catch (error) {
    return !isAbsence(error);
  }
}

/** Whether the real file lies inside `root`: a repository may not have us read a file from elsewhere. */
export async function isInside(path: string, root: string, fs: ConfigFs): Promise<boolean> {
  const real = await realpathOrNull(fs, path);
  return real !== null && isWithin(real, root);
}

function broken(reason: string): LayerFile {
  return { status: "broken", reason };
}
