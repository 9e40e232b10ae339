/**
 * The declarations of the packed SDK: those of its own files, and the protocol's types from the app-server's checked-in
 * TypeScript, which needs no package. What is marked @internal in the sources is left out.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = path.dirname(fileURLToPath(import.meta.url));
const GENERATED = path.join(here, "../app-server/schema/app-server.generated.ts");
/** Names that the sources have for types of the wire. */
const ALIASES = { WireItem: "ThreadItem", WireTurn: "Turn", WireUserInput: "UserInput" };
const IMPORT = /^(import|export) (type )?\{([^}]*)\} from "([^"]+)";$/gm;

/**
 * Writes them into `out`, `index.d.ts` among them.
 * @param {string} out
 */
export async function writeDeclarations(out) {
  const scratch = await mkdtemp(path.join(tmpdir(), "quire-sdk-types-"));
  try {
    await emit(scratch);
    const reachable = await collect(scratch);
    for (const [name, text] of reachable) await writeFile(path.join(out, name), text);
    await writeFile(path.join(out, "protocol.d.ts"), await protocolTypes());
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** @param {string} folder */
async function emit(folder) {
  const config = {
    extends: path.join(here, "../../tsconfig.json"),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      stripInternal: true,
      outDir: folder,
      rootDir: path.join(here, "src"),
      typeRoots: [path.join(here, "../../node_modules/@types")],
    },
    files: [path.join(here, "src/index.ts")],
    include: [],
  };
  const file = path.join(folder, "tsconfig.json");
  await writeFile(file, JSON.stringify(config));
  const tsc = path.join(here, "../../node_modules/.bin/tsc");
  try {
    await promisify(execFile)(tsc, ["-p", file]);
  } catch (error) {
    const { stdout } = /** @type {{ stdout?: string }} */ (error);
    throw new Error(`the declarations could not be made:\n${stdout ?? error}`);
  }
}

/**
 * The files that `index.d.ts` leads to, with imports that need neither this workspace nor a compiler's rewriting.
 * @param {string} folder
 */
async function collect(folder) {
  const present = new Set(await readdir(folder));
  /** @type {Map<string, string>} */
  const texts = new Map();
  const waiting = ["index.d.ts"];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (texts.has(name)) continue;
    if (!present.has(name)) throw new Error(`${name} is missing among the declarations`);
    const text = await readFile(path.join(folder, name), "utf8");
    texts.set(
      name,
      text.replace(IMPORT, (_all, word, type = "", names, from) => {
        if (from.startsWith("@quire/protocol")) return `${word} type {${names}} from "./protocol.js";`;
        if (!from.startsWith("./")) throw new Error(`${name} leads out of the package: ${from}`);
        waiting.push(from.slice(2).replace(/\.ts$/, ".d.ts"));
        return `${word} ${type}{${names}} from "${from.replace(/\.ts$/, ".js")}";`;
      }),
    );
  }
  return texts;
}

async function protocolTypes() {
  const aliases = Object.entries(ALIASES).map(([name, wire]) => `export type ${name} = ${wire};\n`);
  return `${await readFile(GENERATED, "utf8")}\n${aliases.join("")}`;
}
