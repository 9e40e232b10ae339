import { execFile } from "node:child_process";
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const run = promisify(execFile);

/** A project that has nothing of this workspace but the packed SDK, with a strict compiler. */
async function project() {
  const folder = await temporaryDirectory("quire-sdk-package-");
  const installed = join(folder.path, "node_modules/@quire/sdk");
  await run(process.execPath, [join(root, "packages/sdk/build.mjs"), installed]);
  await mkdir(join(folder.path, "node_modules/@types"));
  await symlink(join(root, "node_modules/@types/node"), join(folder.path, "node_modules/@types/node"));
  const config = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: { skipLibCheck: false, types: [join(root, "node_modules/@types/node")] },
    include: ["*.ts", "node_modules/@quire/sdk/*.d.ts"],
  };
  await writeFile(join(folder.path, "tsconfig.json"), JSON.stringify(config));
  await writeFile(join(folder.path, "package.json"), '{"type":"module"}');
  return folder;
}

async function compile(folder: string): Promise<string> {
  const tsc = join(root, "node_modules/.bin/tsc");
  return run(tsc, ["-p", folder]).then(
    () => "",
    (thrown: { stdout?: string }) => thrown.stdout ?? String(thrown),
  );
}

test("the packed SDK has types: its examples compile against it, a wrong program does not, and it can be loaded", async () => {
  await using folder = await project();
  await cp(join(root, "packages/sdk/examples"), folder.path, { recursive: true });
  expect(await compile(folder.path)).toBe("");
  await writeFile(
    join(folder.path, "wrong.ts"),
    'import { Quire } from "@quire/sdk";\nnew Quire().startThread({ sandboxMode: "none" });\n',
  );
  expect(await compile(folder.path)).toMatch(/wrong\.ts.*error TS2322.*sandboxMode|wrong\.ts.*TS2322/s);
  const script = 'import("@quire/sdk").then((sdk) => console.log(typeof new sdk.Quire().startThread))';
  const { stdout } = await run(process.execPath, ["-e", script], { cwd: folder.path });
  expect(stdout).toBe("function\n");
});
