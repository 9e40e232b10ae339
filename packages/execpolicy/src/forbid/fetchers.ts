import type { EffectiveCommand } from "../shell/effective-command.ts";
import { askedOnce } from "../shell/script-model.ts";
import { unwrapCommand } from "../shell/unwrap-command.ts";
import { optionValues } from "../shell/write-targets.ts";

/** True when a script downloads something to its standard output. */
export const fetches = askedOnce((script) =>
  script.commands.some((command) => unwrapCommand(command).commands.some((inner) => isFetcher(inner))),
);

/** A command that prints what it got from the network. */
export function isFetcher({ name, args }: EffectiveCommand): boolean {
  if (name === "wget")
    return args.some(
      (arg) => /^-[a-zA-Z]*O(?:-|$)|^--output-document(?:=-)?$/.test(arg.text) || arg.text === "-",
    );
  if (name === "curl")
    return optionValues(args, "o", "--output").every(
      (value) => value.text === "-" || value.text === "/dev/stdout",
    );
  return /^(?:[iI]wr|[iI]rm|Invoke-WebRequest|Invoke-RestMethod|fetch|http|https|xh|lynx|w3m|links|GET|lwp-request|aria2c|nc|ncat|netcat|socat|telnet|scp|ftp|tftp|openssl|gh|ssh|dig|nslookup|websocat)$/.test(
    name,
  );
}
