import { type EffectiveCommand, INTERPRETERS, SHELLS } from "../shell/effective-command.ts";
import { askedOnce, type ShellScript } from "../shell/script-model.ts";
import { unwrapCommand } from "../shell/unwrap-command.ts";
import { operandsOf, optionValues } from "../shell/write-targets.ts";
import { fetches } from "./fetchers.ts";

/** Text from the network that reaches a shell other than through a pipe. */
export function runsFetchedText(effective: EffectiveCommand): string | null {
  const { name, args, command } = effective;
  const fetched = (words: EffectiveCommand["args"]): boolean =>
    words.some((word) => word.substituted.some((each) => fetches(each.script)));
  const program = command.words[0];
  if (program && fetched([program])) return "runs text from the network";
  const isShell = SHELLS.test(name) || /^(?:eval|source|\.)$/.test(name);
  if (isShell && fetched(args)) return "runs text from the network";
  if (
    isShell &&
    command.redirects.some((each) => fetched([each.target, each.body].filter((word) => word !== null)))
  )
    return "runs text from the network";
  const fileLike = args.some((word) =>
    word.substituted.some((each) => each.kind === "process" && fetches(each.script)),
  );
  if (INTERPRETERS.test(name) && fileLike) return "runs text from the network";
  const decoded = args.some((word) => word.substituted.some((each) => decodes(each.script)));
  return isShell && decoded && name !== "source" ? "runs decoded text" : null;
}

const decodes = askedOnce((script) =>
  script.commands.some((command) => {
    const [name, ...args] = command.words.map((word) => word.text);
    if (name === "base64") return args.some((arg) => /^(?:-[a-zA-Z]*[dD]|--decode)$/.test(arg));
    return name === "xxd" && args.some((arg) => arg.startsWith("-r"));
  }),
);

/** A file is downloaded and then run in the same script. */
export function runsDownloadedFile(script: ShellScript): string | null {
  const downloaded = new Set<string>();
  for (const command of script.commands) {
    for (const effective of unwrapCommand(command).commands) {
      const runs =
        SHELLS.test(effective.name) ||
        /^(?:source|\.|python[0-9.]*|perl|ruby|node|php)$/.test(effective.name);
      const started = [effective.invoked, ...(runs ? [operandsOf(effective.args, "oO")[0]?.text ?? ""] : [])];
      if (downloaded.size > 0 && started.some((text) => downloaded.has(plainName(text))))
        return "runs a program it has just downloaded";
      for (const file of downloads(effective)) downloaded.add(plainName(file));
    }
  }
  return null;
}

function downloads({ name, args, command }: EffectiveCommand): string[] {
  if (name !== "curl" && name !== "wget") return [];
  const addresses = operandsOf(args, name === "curl" ? "oHXdAbcefFuTxmDEKQrtUwyYz" : "OPoaeiBtTwQUADRIXl")
    .filter((arg) => /[./]/.test(arg.text))
    .map((arg) => arg.text.replace(/[?#].*$/, ""));
  const named =
    name === "curl" ? optionValues(args, "o", "--output") : optionValues(args, "O", "--output-document");
  const files = named.map((word) => word.text);
  const remoteName =
    name === "wget" ? named.length === 0 : args.some((arg) => /^-[a-zA-Z]*O|^--remote-name/.test(arg.text));
  if (remoteName) files.push(...addresses.map((address) => address.slice(address.lastIndexOf("/") + 1)));
  for (const redirect of command.redirects)
    if (redirect.target && />/.test(redirect.operator)) files.push(redirect.target.text);
  return files.filter((file) => file !== "" && file !== "-" && !file.startsWith("/dev/"));
}

function plainName(path: string): string {
  return path.replace(/^\.\//, "");
}
