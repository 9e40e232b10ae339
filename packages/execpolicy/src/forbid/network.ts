import { type EffectiveCommand, SHELLS } from "../shell/effective-command.ts";
import {
  askedOnce,
  type ShellScript,
  type ShellSurroundings,
  type ShellWord,
} from "../shell/script-model.ts";
import { unwrapCommand } from "../shell/unwrap-command.ts";
import { hasOption, optionValues } from "../shell/write-targets.ts";
import { type ForbidRule, type ForbidRules, placeOf } from "./forbid-rule.ts";
import { identityFiles, isSecretVariable, readsProcessEnvironment, secretPaths } from "./secrets.ts";

/** Programs that can carry data to another machine. */
const SENDERS =
  /^(?:curl|wget|nc|ncat|netcat|socat|ssh|scp|sftp|rsync|ftp|lftp|tftp|telnet|http|https|xh|httpie|mail|mailx|mutt|sendmail|rclone|s3cmd|gsutil|aws|openssl|lwp-request|GET|POST|aria2c|axel|websocat|finger|whois|pastebinit|croc|wormhole|gh|lpr)$/;
const NAME_LOOKUPS =
  /^(?:dig|nslookup|host|drill|kdig|ping|ping6|getent|traceroute|tracepath|mtr|resolvectl|systemd-resolve|delv|whois)$/;
const LOOPBACK = /(?:^|\/\/|@)(?:localhost|127\.[0-9.]+|\[::1\]|::1|0\.0\.0\.0)(?=[:/]|$)/;
/** Where cloud machines hand out credentials. */
const METADATA =
  /169\.254\.169\.254|169\.254\.170\.2|metadata\.google\.internal|fd00:ec2::254|100\.100\.100\.200|\b2852039166\b|0xa9fea9fe/i;
/** Substitutions that say nothing about the user or the workspace. */
const IMPERSONAL =
  /^(?:date|uname|arch|nproc|seq|echo|printf|dirname|basename|dpkg|getconf|tr|cut|sed|sort|head|tail|git|jq|awk|node|npm|python3?|curl|mktemp|lsb_release|expr)$/;

export function isSender(name: string): boolean {
  return SENDERS.test(name);
}

/** True when every address among the words is this machine. */
function onlyLoopback(args: readonly ShellWord[]): boolean {
  const addresses = args.filter(
    (arg) => /^[a-z]+:\/\/|^[a-z0-9.-]+:[0-9]+|^localhost|^127\.|@/.test(arg.text) || LOOPBACK.test(arg.text),
  );
  return addresses.length > 0 && addresses.every((arg) => LOOPBACK.test(arg.text));
}

function substitutionsOf(words: readonly ShellWord[]): ShellScript[] {
  return words.flatMap((word) => word.substituted.map((each) => each.script));
}

/** A command inside a substitution that tells something private: a file, a name, the environment. */
const tellsPrivate = askedOnce((script) =>
  script.commands.some(
    (command) =>
      command.redirects.some((each) => each.operator === "<") ||
      unwrapCommand(command).commands.some((inner) => !IMPERSONAL.test(inner.name)),
  ),
);

/** Words of a sender other than header values, which legitimately carry a token. */
function payloadWords(effective: EffectiveCommand): ShellWord[] {
  const headers = new Set([
    ...optionValues(effective.args, "H", "--header"),
    ...optionValues(effective.args, "u", "--user", "--oauth2-bearer"),
  ]);
  const texts = new Set([...headers].map((word) => word.text));
  return effective.args.filter(
    (arg) => !headers.has(arg) && !texts.has(arg.text) && !/^Authorization:|^X-[A-Za-z-]+:/i.test(arg.text),
  );
}

const sends: ForbidRule = (effective, around) => {
  const { args } = effective;
  if (args.some((arg) => METADATA.test(arg.text))) return "asks a cloud machine for its credentials";
  if (onlyLoopback(args)) return null;
  if (
    args.some((arg) => /(?:^|=)(?:\/var)?\/run\/(?:docker|containerd|crio|podman)[^ ]*\.sock/.test(arg.text))
  ) {
    return "gives orders to the container service of the machine";
  }
  if (effective.name === "ssh" && hasOption(args, "R")) return "opens a way into this machine";
  const payload = [...payloadWords(effective), ...inputsOf(effective)];
  const sent = payload.filter((word) => !/^-[iE]$/.test(word.text));
  if (
    effective.name !== "ssh" &&
    (effective.name !== "openssl" || args[0]?.text === "s_client") &&
    secretPaths(withoutIdentity(effective, sent), effective, around, "private").length > 0
  ) {
    return "sends a file of secrets to another machine";
  }
  if (
    sentFiles(effective).some((word) =>
      /^(?:system|home|home-part)$/.test(placeOf(word, effective, around).place),
    )
  ) {
    return "sends a file from outside the workspace to another machine";
  }
  if (readsProcessEnvironment(effective, around)) return "sends the environment to another machine";
  if (payload.some((word) => word.variables.some(isSecretVariable)))
    return "sends a secret variable to another machine";
  if (substitutionsOf(payload).some(tellsPrivate)) return "sends the output of a command to another machine";
  // A header may carry a token that a command prints; a whole file of secrets is no token.
  return substitutionsOf(args).some((script) => printsSecretFile(script, around))
    ? "sends a file of secrets to another machine"
    : null;
};

function printsSecretFile(script: ShellScript, around: ShellSurroundings): boolean {
  return script.commands.some((command) =>
    unwrapCommand(command).commands.some(
      (inner) =>
        inner.name === "cat" &&
        secretPaths([...inner.args, ...inputsOf(inner)], inner, around, "private").length > 0,
    ),
  );
}

function inputsOf({ command }: EffectiveCommand): ShellWord[] {
  return command.redirects.flatMap((each) => (each.target && each.operator === "<" ? [each.target] : []));
}

/** Files that are sent as they are: `@file`, uploads and redirected input. */
function sentFiles(effective: EffectiveCommand): ShellWord[] {
  const { name, args } = effective;
  const marked = args.flatMap((arg) => {
    const path = /^(?:[^@]*=)?@([^;]+)/.exec(arg.text)?.[1];
    return path === undefined ? [] : [{ ...arg, text: path }];
  });
  const uploaded = [
    ...(name === "curl" ? optionValues(args, "T", "--upload-file") : []),
    ...optionValues(args, "", "--post-file", "--body-file"),
  ];
  return name === "ssh" ? [] : [...marked, ...uploaded, ...inputsOf(effective)];
}

function withoutIdentity(effective: EffectiveCommand, words: readonly ShellWord[]): ShellWord[] {
  const identity = identityFiles(effective);
  return words.filter((word) => !identity.has(word.text));
}

const looksUp: ForbidRule = (effective, around) => {
  const { args } = effective;
  if (args.some((arg) => arg.variables.some(isSecretVariable))) return "hides a secret in a name look-up";
  const hidden = substitutionsOf(args).some((script) => script.commands.length > 0);
  const harmless = substitutionsOf(args).every((script) =>
    script.commands.every((command) => command.words[0]?.text === "hostname" && args.length === 1),
  );
  void around;
  return hidden && !harmless ? "hides data in a name look-up" : null;
};

/** nc and its kin: attaching a program to a connection. */
const connects: ForbidRule = (effective, around) => {
  const { name, args } = effective;
  const words = args.map((arg) => arg.text);
  if (name === "socat") {
    if (words.some((word) => /^(?:EXEC|SYSTEM|SHELL):/i.test(word)))
      return "connects a program to the network";
  } else if (hasOption(args, "ec", "--exec", "--sh-exec", "--lua-exec")) {
    const shell = words.some(
      (word) => SHELLS.test(word.slice(word.lastIndexOf("/") + 1)) || /\/bin\/|^cmd/.test(word),
    );
    if (shell || hasOption(args, "e", "--exec", "--sh-exec")) return "connects a program to the network";
  }
  return sends(effective, around);
};

const rule =
  (...rules: ForbidRule[]): ForbidRule =>
  (effective, around) =>
    rules.map((each) => each(effective, around)).find((reason) => reason !== null) ?? null;

/** Data that leaves, shells that open to the outside, program text that comes in. */
export const NETWORK: ForbidRules = {
  nc: connects,
  ncat: connects,
  netcat: connects,
  socat: connects,
  bash: (effective) => shellSocket(effective),
  telnet: sends,
  xterm: ({ args }) =>
    args.some((arg) => /^-{1,2}display$/.test(arg.text)) ? "connects a program to the network" : null,
  "*": (effective, around) => {
    if (NAME_LOOKUPS.test(effective.name)) return looksUp(effective, around);
    const socket = socketRedirect(effective);
    if (socket !== null) return socket;

    return isSender(effective.name) && !/^(?:nc|ncat|netcat|socat|telnet)$/.test(effective.name)
      ? rule(sends)(effective, around)
      : null;
  },
};

function shellSocket(effective: EffectiveCommand): string | null {
  const socket = effective.command.redirects.some((each) =>
    /^\/dev\/(?:tcp|udp)\//.test(each.target?.text ?? ""),
  );
  return socket ? "connects a shell to the network" : null;
}

/** Writing to, or keeping open, one of bash's network paths. Reading from one asks. */
function socketRedirect(effective: EffectiveCommand): string | null {
  const { name, command } = effective;
  for (const { operator, target } of command.redirects) {
    if (!/^\/dev\/(?:tcp|udp)\//.test(target?.text ?? "")) continue;
    if (operator !== "<" || SHELLS.test(name) || name === "exec")
      return "sends data to, or obeys, another machine";
  }
  return null;
}
