#!/usr/bin/env node
/**
 * Draws `docs/tui.svg` and `docs/tui-light.svg`: a real session of the terminal interface in tmux, with the scripted model
 * server in place of a model. To redo them: node scripts/tui-picture.mjs
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { buildCli } from "./build.mjs";
import { bundle, root } from "./bundle.mjs";
import { terminalSvg } from "./terminal-svg.mjs";

const COLUMNS = 92;
const ROWS = 46;

await buildCli();
const name = "test-support";
await bundle({ name, entry: `packages/${name}/src/index.ts`, outdir: `dist/${name}` });
const { callsTool, lastingFolder, lookFor, openTmux, patches, reasons, replies, says, scriptedResponses } =
  await import(path.join(root, "dist", name, `${name}.js`));

const SOURCE =
  "export function total(prices) {\n  let sum = 0;\n  for (const price of prices) sum = price;\n  return sum;\n}\n";
const TEST =
  'import assert from "node:assert";\nimport { total } from "./total.js";\nassert.equal(total([2, 3]), 5);\nconsole.log("1 test passed");\n';
const PATCH =
  "*** Begin Patch\n*** Update File: total.js\n@@\n-  for (const price of prices) sum = price;\n+  for (const price of prices) sum += price;\n*** End Patch";
const PLAN = [
  { step: "Find out why the sum is wrong", status: "completed" },
  { step: "Mend it and run the test", status: "completed" },
  { step: "Tell the team", status: "in_progress" },
];
const ANSWER =
  "The sum was **overwritten** instead of added to, in `total.js`:\n\n1. `sum = price` is now `sum += price`\n2. the test passes\n\nNow I would push it.";

const steps = [
  replies(
    reasons("**Looking at the failing test**"),
    callsTool("exec_command", { cmd: "node total.test.js 2>&1 | grep Error" }),
  ),
  patches(PATCH),
  callsTool("exec_command", { cmd: "node total.test.js" }),
  callsTool("update_plan", { plan: PLAN }),
  replies(
    says(ANSWER),
    callsTool("exec_command", {
      cmd: "git push origin HEAD",
      sandbox_permissions: "require_escalated",
      justification: "the sandbox has no network",
    }),
  ),
];

/** @param {"dark" | "light"} theme */
async function draw(theme) {
  const server = await scriptedResponses(steps, { cursor: "history" });
  const home = lastingFolder("tui-picture");
  const cwd = path.join(home, "shop");
  mkdirSync(path.join(home, ".quire"));
  mkdirSync(cwd);
  writeFileSync(
    path.join(home, ".quire/config.toml"),
    `model = "gpt-5.5"\nmodel_provider = "picture"\napproval_policy = "on-request"\n[model_providers.picture]\nname = "picture"\nbase_url = "${server.url}"\nenv_key = "PICTURE_KEY"\n`,
  );
  writeFileSync(path.join(cwd, "package.json"), '{ "type": "module" }\n');
  writeFileSync(path.join(cwd, "total.js"), SOURCE);
  writeFileSync(path.join(cwd, "total.test.js"), TEST);
  execFileSync("git", ["init", "-q", "-b", "main"], { cwd });
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: home,
    PICTURE_KEY: "none",
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    COLORTERM: "truecolor",
    COLORFGBG: theme === "dark" ? "15;0" : "0;15",
  };
  const words = Object.entries(env).map(([key, value]) => `'${key}=${value}'`);
  const tmux = await openTmux({
    folder: home,
    cwd,
    columns: COLUMNS,
    rows: ROWS,
    env: { PATH: env.PATH, HOME: home, LANG: env.LANG },
    command: `exec env -i ${words.join(" ")} '${process.execPath}' '${path.join(root, "bin/quire")}'`,
  });
  try {
    const waitFor = (/** @type {string} */ wanted) =>
      lookFor(
        async () => ((await tmux.screen()).includes(wanted) ? true : null),
        () => `never shown: ${wanted}`,
      );
    await waitFor("Say what to do");
    await tmux.run("send-keys", "-t", "t", "-l", "the total of the cart is wrong, can you mend it?");
    await waitFor("mend it?");
    await tmux.run("send-keys", "-t", "t", "Enter");
    await waitFor("May this command run?");
    await waitFor("Enter take");
    const rows = (await tmux.run("capture-pane", "-e", "-p", "-t", "t")).split("\n");
    while (rows.at(-1)?.trim() === "") rows.pop();
    return terminalSvg(rows, { columns: COLUMNS, theme, title: "A session of quire in a terminal" });
  } finally {
    await tmux[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  }
}

writeFileSync(path.join(root, "docs/tui.svg"), await draw("dark"));
writeFileSync(path.join(root, "docs/tui-light.svg"), await draw("light"));
