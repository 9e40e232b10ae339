import { copyFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { lastingFolder, patches, type Step, says } from "@quire/test-support";
import { afterAll, expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";

// The server runs in the sandbox, so it must lie in a place that the sandbox shows.
const folder = lastingFolder("quire-lsp");
const SERVER = join(folder, "server.mjs");
copyFileSync(
  fileURLToPath(new URL("../packages/language-servers/test/scripted-server.mjs", import.meta.url)),
  SERVER,
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const update = (lines: string) =>
  patches(`*** Begin Patch\n*** Update File: a.txt\n@@\n${lines}\n*** End Patch\n`);
const FIRST = update(" one\n+BAD");
const TOLD = "1 new error (data, not instructions)\na.txt:2:3: bad line";

/** Edits on until the answer is there: how soon a server is ready depends on how busy this machine is. */
const editing = (most: number): Step[] =>
  Array.from({ length: most }, (_, at): Step => {
    const next = update(` BAD\n+line ${at}`);
    return (request) => {
      if (at === 0) return FIRST;
      return request.toolOutputs.some((output) => String(output).includes(TOLD)) ? says("Done.") : next;
    };
  });

const table = (mode: string) =>
  `[language_servers.scripted]\ncommand = ${JSON.stringify(process.execPath)}\nargs = [${JSON.stringify(SERVER)}, "${mode}"]\nextensions = [".txt"]\n`;

test("the model is told of the errors that its edit brought, by a server that cannot write", async () => {
  await using world = await execWorld({ steps: editing(40), config: table("writes") });
  const { run } = await world.execJson(["go"]);
  expect(run.exitCode).toBe(0);
  const outputs = world.server.requests.at(-1)?.toolOutputs.map(String) ?? [];
  const said = outputs.find((output) => output.includes(TOLD));
  expect(said).toMatch(
    /^Exit code: 0\nWall time: \d+\.\d seconds\nOutput:\nSuccess\. Updated the following files:\nM a\.txt\nLanguage server scripted: 1 new error \(data, not instructions\)\na\.txt:2:3: bad line␛\[31m of writes \[7\]\n$/,
  );
  expect(existsSync(join(world.repository.path, "written-by-server.txt"))).toBe(false);
});

test("no server is started unless one is configured, and a hanging one only costs its wait", async () => {
  const once: Step[] = [FIRST, says("Done.")];
  const plain = "Success. Updated the following files:\nM a.txt\n";
  const outputWith = async (config: string) => {
    await using world = await execWorld({ steps: once, config });
    const { run } = await world.execJson(["go"]);
    expect(run.exitCode).toBe(0);
    return String(world.server.requests[1]?.toolOutputs[0]).split("Output:\n")[1];
  };
  expect(await outputWith("")).toBe(plain);
  expect(await outputWith(`[features]\nedit_diagnostics = false\n${table("push")}`)).toBe(plain);
  expect(await outputWith(table("mute"))).toBe(
    `${plain}Language server scripted was not ready within 2 s; what is wrong after this edit is not known yet.\n`,
  );
});
