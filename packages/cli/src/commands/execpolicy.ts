import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { resolveHome } from "@quire/config";
import {
  assumeSystemPrograms,
  type CommandContext,
  classify,
  classifyJsonLines,
  runExecpolicyCheck,
} from "@quire/execpolicy";
import { CodedError } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { commandContext } from "../session/command-context.ts";
import { openSavedRules } from "../session/saved-rules.ts";
import { findGitRoot, workingDirectory } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { showHelp } from "../words.ts";

const HELP = `Look at how commands are judged.

Usage: quire execpolicy check --rules FILE [--rules FILE] [--pretty] [--resolve-host-executables] -- COMMAND…
       quire execpolicy classify --json          JSON lines {"id","cmd"} in, {"id","verdict","why"} out
       quire execpolicy explain "COMMAND"        which part and which rule decide, here and now

check prints which rules match and what they decide. classify assumes the usual system programs, a hardened git and no rules;
explain uses this machine, this directory and your saved rules. Verdicts: safe, ask, forbid.
`;

/** `quire execpolicy`, also as `quire policy explain`. */
export async function runExecpolicy(argv: readonly string[], system: System): Promise<number> {
  const [action, ...rest] = argv;
  switch (action) {
    case "check":
      return check(rest, system);
    case "classify":
      return classifyLines(system);
    case "explain":
      return explain(rest, system);
    case "--help":
    case "-h":
      return showHelp(HELP, system);
    default:
      throw new CodedError(
        "usage_invalid",
        action === undefined ? "say check, classify or explain" : `unknown action ${JSON.stringify(action)}`,
        {
          nextStep: "See: quire execpolicy --help",
        },
      );
  }
}

async function check(argv: readonly string[], system: System): Promise<number> {
  const separator = argv.indexOf("--");
  const own = separator === -1 ? argv : argv.slice(0, separator);
  const { values, positionals } = parseCheck(own);
  const command = [...positionals, ...(separator === -1 ? [] : argv.slice(separator + 1))];
  const output = await runExecpolicyCheck(
    {
      rules: values.rules ?? [],
      command,
      pretty: values.pretty ?? false,
      resolveHostExecutables: values["resolve-host-executables"] ?? false,
    },
    { cwd: system.cwd, readText: (file) => readFile(file, "utf8") },
  );
  system.stdout.write(output.stdout);
  system.stderr.write(output.stderr);
  return output.exitCode;
}

function parseCheck(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        rules: { type: "string", short: "r", multiple: true },
        pretty: { type: "boolean" },
        "resolve-host-executables": { type: "boolean" },
      },
      allowPositionals: true,
      strict: true,
    });
  } catch (cause) {
    throw new CodedError("usage_invalid", cause instanceof Error ? cause.message : String(cause), {
      nextStep: "Put the command behind --; see: quire execpolicy --help",
    });
  }
}

async function classifyLines(system: System): Promise<number> {
  const context: CommandContext = {
    cwd: "/workspace",
    home: "/home/user",
    workspaceRoots: ["/workspace"],
    resolveProgram: assumeSystemPrograms,
    // Reading with git is safe where the runner switches off what a repository's configuration can start.
    gitHardening: true,
  };
  const lines = createInterface({ input: system.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of classifyJsonLines(lines, context)) system.stdout.write(`${line}\n`);
  return EXIT.done;
}

async function explain(argv: readonly string[], system: System): Promise<number> {
  const [command, extra] = argv;
  if (command === undefined || extra !== undefined) {
    throw new CodedError("usage_invalid", "give the command as one argument, in quotes");
  }
  const cwd = workingDirectory(system.cwd, null);
  const gitRoot = findGitRoot(cwd);
  const home = await resolveHome(system.env, system.homeDir);
  const rules = openSavedRules({ home, workspaceRoot: gitRoot ?? cwd, projectFolders: [] }).read();
  const context = commandContext(system, { cwd, gitRoot, extraWritableRoots: [] });
  const judged = await classify(command, { ...context, cwd, rules });
  system.stdout.write(`${judged.verdict}: ${judged.why}\n`);
  for (const part of judged.parts) {
    system.stdout.write(
      `  ${part.verdict.padEnd(6)} ${JSON.stringify(part.text)}  ${part.why} (${part.by})\n`,
    );
  }
  return EXIT.done;
}
