import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { makeFolder } from "./workspace.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** Bundles the engine and the patch tool from source; `close` removes the bundle. */
export async function loadEngine() {
  const folder = await makeFolder("engine");
  const bundle = async (name) => {
    const outfile = join(folder, `${name}.mjs`);
    await build({
      entryPoints: [join(root, "packages", name, "src/index.ts")],
      bundle: true,
      platform: "node",
      format: "esm",
      outfile,
      logLevel: "error",
      // Packages that are not bundled, tree-sitter above all, are found from the checkout.
      define: { "import.meta.url": JSON.stringify(pathToFileURL(join(root, "package.json")).href) },
      banner: {
        js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
      },
    });
    return import(pathToFileURL(outfile).href);
  };
  const [engine, patch] = [await bundle("offline-repair"), await bundle("apply-patch")];
  return {
    createClient: engine.createOfflineRepairClient,
    answerKind: engine.answerKind,
    applyPatch: async (text, cwd) => {
      const result = await patch.applyPatch(text, { cwd, durable: false });
      return result.ok
        ? `Success.\n${patch.formatSummary(result.applied.summary)}`
        : `apply_patch failed: ${patch.formatError(result.error)}`;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
