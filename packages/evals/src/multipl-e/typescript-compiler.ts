import { readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { CodedError } from "@quire/protocol";
import * as z from "zod/mini";

/** A TypeScript compiler of the user's, as a library. */
export interface TypeScriptCompiler {
  readonly version: string;
  /** Absolute, without links: the npm package's folder. */
  readonly folder: string;
}

const ManifestSchema = z.object({ name: z.literal("typescript"), version: z.string() });
/** From this version on the package is a native program and no library that could be loaded. */
const FIRST_NATIVE = 7;

/** Looks at the folder of the npm package `typescript`. Fails with `usage_invalid` for another one. */
export function readCompiler(folder: string): TypeScriptCompiler {
  const manifest = readManifest(folder);
  if (manifest === undefined) throw wrong(folder, "is not the folder of the npm package typescript");
  const { version } = manifest;
  if (Number.parseInt(version, 10) >= FIRST_NATIVE)
    throw wrong(folder, `holds TypeScript ${version}, which cannot be loaded as a library`);
  return { version, folder: realpathSync(folder) };
}

function readManifest(folder: string): z.infer<typeof ManifestSchema> | undefined {
  try {
    return ManifestSchema.parse(JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")));
  } catch {
    // The caller says what was expected.
    return undefined;
  }
}

function wrong(folder: string, what: string): CodedError {
  return new CodedError("usage_invalid", `${folder} ${what}`, {
    nextStep: "Run: npm install typescript@5; then give --typescript node_modules/typescript",
  });
}
