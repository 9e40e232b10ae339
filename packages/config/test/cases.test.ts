import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type ConfigFile, loadConfig, realFs } from "../src/index.ts";
import { recordTrust } from "../src/trust-record.ts";
import { readTrustableFiles } from "../src/trusted-content.ts";

/*
 * Each folder is a case: `tree/` is copied to a temporary directory ($ROOT in its files), `case.json` says what to
 * load, `expected.json` what must come of it: the values (by dotted key, with their origin) and the warnings, or the
 * error.
 */
interface Case {
  cwd: string;
  /** Projects whose files are recorded as trusted content. */
  confirmed?: string[];
  /** Folders that get an empty .git. */
  repositories?: string[];
  show: string[];
  profile?: string;
  overrides?: string[];
  flags?: ConfigFile;
  strict?: boolean;
  trustProject?: boolean;
}

const folder = fileURLToPath(new URL("./cases", import.meta.url));

test.each(await readdir(folder))("%s", async (name) => {
  const root = await realpath(await mkdtemp(join(tmpdir(), "quire-config-")));
  try {
    await cp(join(folder, name, "tree"), root, { recursive: true });
    await fillIn(root, root);
    const spec: Case = JSON.parse(await readFile(join(folder, name, "case.json"), "utf8"));
    for (const repository of spec.repositories ?? [])
      await mkdir(join(root, repository, ".git"), { recursive: true });
    for (const project of spec.confirmed ?? [])
      await confirm(root, join(root, project), join(root, spec.cwd));
    const actual = JSON.parse(JSON.stringify(await outcome(root, spec)).replaceAll(root, "$ROOT"));
    const expectedFile = join(folder, name, "expected.json");
    if (process.env.UPDATE_CASES) await writeFile(expectedFile, `${JSON.stringify(actual, null, 2)}\n`);
    expect(actual).toStrictEqual(JSON.parse(await readFile(expectedFile, "utf8")));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});

async function outcome(root: string, spec: Case) {
  const { cwd, repositories: _, confirmed: __, show, ...rest } = spec;
  const env = { HOME: join(root, "user") };
  const systemFile = join(root, "etc/config.toml");
  const loaded = await loadConfig({
    home: join(root, "home"),
    cwd: join(root, cwd),
    env,
    systemFile,
    ...rest,
  });
  if (!loaded.ok) return { error: loaded.error };
  const values = show.map((key) => {
    const origin = loaded.origins.get(key);
    const value = key.split(".").reduce<unknown>((here, part) => Object(here)[part], loaded.effective);
    return [key, { value, from: origin ? `${origin.layer} ${origin.file ?? ""}`.trim() : "unset" }];
  });
  return {
    values: Object.fromEntries(values),
    trust: loaded.project.trust,
    layers: loaded.layers.map(({ kind, file, status }) => `${kind} ${status} ${file ?? ""}`.trim()),
    warnings: loaded.warnings.map(({ level, code, message }) => `${level} ${code}: ${message}`),
  };
}

async function confirm(root: string, project: string, cwd: string): Promise<void> {
  await recordTrust(join(root, "home"), project, await readTrustableFiles(project, cwd, realFs));
}

async function fillIn(directory: string, root: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await fillIn(path, root);
    else await writeFile(path, (await readFile(path, "utf8")).replaceAll("$ROOT", root), { mode: 0o600 });
  }
}
