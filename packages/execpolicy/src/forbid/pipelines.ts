import { type EffectiveCommand, INTERPRETERS, SHELLS, withArguments } from "../shell/effective-command.ts";
import type { ShellCommand, ShellPipeline, ShellSurroundings } from "../shell/script-model.ts";
import { decodedBy, staticOutput } from "../shell/static-output.ts";
import { unwrapCommand } from "../shell/unwrap-command.ts";
import { hasOption, operandsOf } from "../shell/write-targets.ts";
import { DESTROY } from "./destroy.ts";
import { isFetcher } from "./fetchers.ts";
import { findStarts } from "./find-deletes.ts";
import { placeOf } from "./forbid-rule.ts";
import { isSender } from "./network.ts";
import { printsSecrets } from "./secrets.ts";

const DECODERS =
  /^(?:base64|base32|xxd|uudecode|openssl|gpg|rev|zcat|gunzip|gzip|bzcat|bunzip2|xzcat|unxz|tr|rot13)$/;
const PACKERS = /^(?:tar|zip|7z|cpio|mysqldump|pg_dump|pg_dumpall|mongodump|sqlite3|gpg|bundle|git)$/;

export interface PipelineFindings {
  reason: string | null;
  /** Texts that a shell in the pipeline will read and that are known: `echo 'rm x' | sh`. */
  texts: { text: string; cwd: string | null }[];
}

interface Upstream {
  fetched: boolean;
  decoded: boolean;
  secret: boolean;
  packed: boolean;
  shell: boolean;
  sender: boolean;
  agent: boolean;
  text: string | undefined;
  find: EffectiveCommand | undefined;
}

/** Looks at what flows from stage to stage. One pass, linear in the number of stages. */
export function judgePipeline(pipeline: ShellPipeline, around: ShellSurroundings): PipelineFindings {
  const findings: PipelineFindings = { reason: null, texts: [] };
  const seen: Upstream = {
    fetched: false,
    decoded: false,
    secret: false,
    packed: false,
    shell: false,
    sender: false,
    agent: false,
    text: undefined,
    find: undefined,
  };
  for (const [position, stage] of pipeline.stages.entries()) {
    let output: string | undefined;
    let find: EffectiveCommand | undefined;
    for (const command of stage) {
      const effectives = unwrapCommand(command).commands;
      for (const effective of effectives) {
        findings.reason ??= position > 0 ? reasonFor(effective, seen, around, findings) : null;
        note(effective, seen, around);
        if (effective.name === "find") find = effective;
      }
      if (stage.length === 1) output = flow(command, seen.text, position === 0);
    }
    seen.text = output;
    seen.find = find;
  }
  return findings;
}

function flow(command: ShellCommand, input: string | undefined, first: boolean): string | undefined {
  if (first || input === undefined) return staticOutput(command);
  return decodedBy(command, input) ?? staticOutput(command);
}

function note(effective: EffectiveCommand, seen: Upstream, around: ShellSurroundings): void {
  const { name, args } = effective;
  if (args.some((arg) => /\b(?:quire|codex)\b/.test(arg.text))) seen.agent = true;
  if (isFetcher(effective)) seen.fetched = true;
  if (DECODERS.test(name) && decodes(effective)) seen.decoded = true;
  if (printsSecrets(effective, around)) seen.secret = true;
  if (PACKERS.test(name) && (name !== "git" || args.some((arg) => /^(?:bundle|archive)$/.test(arg.text))))
    seen.packed = true;
  if (SHELLS.test(name)) seen.shell = true;
  if (/^(?:nc|ncat|netcat|socat|telnet)$/.test(name) || (name === "openssl" && args[0]?.text === "s_client"))
    seen.sender = true;
}

function decodes({ name, args }: EffectiveCommand): boolean {
  if (name === "base64" || name === "base32") return hasOption(args, "dD", "--decode");
  if (name === "xxd") return hasOption(args, "r");
  if (name === "openssl") return args.some((arg) => arg.text === "-d");
  if (name === "tr")
    return args.some((arg) => /[A-Za-z]-[A-Za-z]/.test(arg.text)) && !hasOption(args, "d", "--delete");
  if (name === "gzip") return hasOption(args, "d", "--decompress");
  return name !== "gpg" || hasOption(args, "d", "--decrypt");
}

function reasonFor(
  effective: EffectiveCommand,
  seen: Upstream,
  around: ShellSurroundings,
  findings: PipelineFindings,
): string | null {
  const { name, command } = effective;
  if (readsProgramFromInput(effective)) {
    if (seen.text !== undefined && SHELLS.test(name))
      findings.texts.push({ text: seen.text, cwd: command.cwd });
    if (seen.fetched) return "runs text from the network";
    if (seen.decoded) return "runs decoded text";
    if (seen.sender) return "connects a shell to the network";
  }
  if (/^(?:iex|invoke-expression)$/i.test(name) && seen.fetched) return "runs text from the network";
  if (isSender(name) || /^(?:dig|nslookup|host)$/.test(name)) {
    if (seen.secret) return "sends secrets to another machine";
    if (seen.shell && /^(?:nc|ncat|netcat|socat|telnet|openssl)$/.test(name))
      return "connects a shell to the network";
    if (seen.packed && sendsInput(effective)) return "sends packed files to another machine";
  }
  if (name === "kill" && seen.agent) return "stops the agent itself";
  if (effective.wrappers.includes("xargs") || effective.wrappers.includes("parallel"))
    return xargsReason(effective, seen, around);
  return null;
}

function sendsInput({ name, args }: EffectiveCommand): boolean {
  if (name === "curl")
    return args.some(
      (arg) => /^(?:-[dTF]|--data|--upload-file|--form)/.test(arg.text) || /@-/.test(arg.text),
    );
  if (name === "wget" || name === "aws" || name === "gsutil")
    return args.some((arg) => arg.text === "-" || arg.text.startsWith("--post"));
  return true;
}

/** A shell or interpreter with no program of its own reads it from the pipe. */
function readsProgramFromInput(effective: EffectiveCommand): boolean {
  const { name, args } = effective;
  if (name === "source" || name === ".")
    return /^(?:\/dev\/stdin|\/dev\/fd\/0|\/proc\/self\/fd\/0|-)$/.test(args[0]?.text ?? "");
  if (name === "eval") return args.some((arg) => arg.variables.length > 0);
  if (SHELLS.test(name)) {
    if (args.some((arg) => /^-[A-Za-z]*s/.test(arg.text))) return true;
    if (args.some((arg) => /^-[A-Za-z]*c/.test(arg.text)))
      return (
        args.some((arg) => /\$\(\s*cat\s*\)|\/dev\/stdin/.test(arg.text)) ||
        effective.wrappers.includes("xargs")
      );
    const script = operandsOf(args, "oO")[0]?.text;
    return script === undefined || /^(?:-|\/dev\/stdin|\/dev\/fd\/[0-9]+|\/proc\/self\/fd\/0)$/.test(script);
  }
  if (!INTERPRETERS.test(name) || /awk$/.test(name)) return false;
  const [first] = args;
  return (
    args.every((arg) => /^-[a-zA-Z]?$/.test(arg.text) && !/^-[cemp]$/.test(arg.text)) || first?.text === "-"
  );
}

/** Deleting what an earlier stage names. */
function xargsReason(effective: EffectiveCommand, seen: Upstream, around: ShellSurroundings): string | null {
  const rule = Object.hasOwn(DESTROY, effective.name) ? DESTROY[effective.name] : undefined;
  if (!rule) return null;
  if (seen.text !== undefined) {
    const reason = rule(
      withArguments(
        effective,
        seen.text.split(/\s+/).filter((word) => word !== ""),
      ),
      around,
    );
    if (reason !== null) return reason;
  }
  const { find } = seen;
  if (!find || !/^(?:rm|shred|unlink|chmod|chown)$/.test(effective.name)) return null;
  const wide = findStarts(find.args).some((start) =>
    /^(?:root|system|home|above-workspace|empty-variable)$/.test(placeOf(start, find, around).place),
  );
  return wide ? "changes or deletes what it finds across the machine" : null;
}
