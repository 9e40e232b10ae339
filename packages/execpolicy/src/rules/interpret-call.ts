import type { RulesCall, RulesValue } from "./parse-rules.ts";
import {
  type HostExecutable,
  matchRules,
  type NetworkRule,
  type PrefixRule,
  type RuleDecision,
} from "./policy.ts";
import { RulesError, type SourcePlace } from "./rules-error.ts";
import { joinWords, splitWords } from "./split-words.ts";

export type RulesEntry =
  | { kind: "prefix"; rule: PrefixRule }
  | { kind: "host"; executable: HostExecutable }
  | { kind: "network"; rule: NetworkRule };

const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  prefix_rule: ["pattern", "decision", "match", "not_match", "justification"],
  host_executable: ["name", "paths"],
  network_rule: ["host", "protocol", "decision", "justification"],
};

/** Turns one call of a rules file into a checked rule. Throws RulesError. */
export function interpretCall(call: RulesCall, file: string): RulesEntry {
  const reader = new ArgumentReader(call, file);
  if (call.name === "prefix_rule") return { kind: "prefix", rule: prefixRule(reader) };
  if (call.name === "host_executable") return { kind: "host", executable: hostExecutable(reader) };
  return { kind: "network", rule: networkRule(reader) };
}

function prefixRule(reader: ArgumentReader): PrefixRule {
  const list = reader.requiredList("pattern");
  if (list.items.length === 0)
    throw reader.error(
      list.place,
      "invalid pattern element: pattern cannot be empty",
      "Name at least the program",
    );
  const pattern = list.items.map((item) => patternToken(item, reader));
  const decision = readDecision(reader);
  const justification = reader.text("justification");
  if (justification !== undefined && justification.text.trim() === "") {
    throw reader.error(
      justification.place,
      "invalid rule: justification cannot be empty",
      "Say why, or leave it out",
    );
  }
  const rule: PrefixRule = {
    pattern,
    decision,
    ...(justification ? { justification: justification.text } : {}),
  };
  checkExamples(rule, reader);
  return rule;
}

function patternToken(item: RulesValue, reader: ArgumentReader): string[] {
  if (item.kind === "string") return [item.text];
  if (item.kind !== "list") {
    throw reader.error(
      item.place,
      `invalid pattern element: pattern element must be a string or list of strings (got ${item.type})`,
      'Write "token" or ["token", "alternative"]',
    );
  }
  if (item.items.length === 0)
    throw reader.error(
      item.place,
      "invalid pattern element: pattern alternatives cannot be empty",
      "Name at least one alternative",
    );
  return item.items.map((each) => {
    if (each.kind === "string") return each.text;
    throw reader.error(
      each.place,
      `invalid pattern element: pattern alternative must be a string (got ${typeName(each)})`,
      'Write ["one", "other"]',
    );
  });
}

/** `alias` is another word for "forbidden" that this kind of rule accepts. */
function readDecision(reader: ArgumentReader, alias?: string): RuleDecision {
  const value = reader.text("decision");
  if (value === undefined || value.text === "allow") return "allow";
  if (value.text === "prompt" || value.text === "forbidden") return value.text;
  if (value.text === alias) return "forbidden";
  throw reader.error(
    value.place,
    `invalid decision: ${value.text}`,
    'Write "allow", "prompt" or "forbidden"',
  );
}

function checkExamples(rule: PrefixRule, reader: ArgumentReader): void {
  const policy = { prefixRules: [rule], hostExecutables: [], networkRules: [] };
  for (const { words, place } of readExamples("match", reader)) {
    if (matchRules(policy, words).length > 0) continue;
    throw reader.error(
      place,
      `expected every example to match; unmatched example: ${joinWords(words)}`,
      "Correct the pattern, or move the example to not_match",
    );
  }
  for (const { words, place } of readExamples("not_match", reader)) {
    if (matchRules(policy, words).length === 0) continue;
    throw reader.error(
      place,
      `expected example to not match the rule: ${joinWords(words)}`,
      "Narrow the pattern, or move the example to match",
    );
  }
}

function readExamples(name: string, reader: ArgumentReader): { words: string[]; place: SourcePlace }[] {
  return (reader.list(name)?.items ?? []).map((item) => ({
    words: exampleWords(item, reader),
    place: item.place,
  }));
}

function exampleWords(item: RulesValue, reader: ArgumentReader): string[] {
  if (item.kind === "string") {
    const words = splitWords(item.text);
    if (words === null)
      throw reader.error(
        item.place,
        "invalid example: example string has invalid shell syntax",
        "Close its quotes",
      );
    if (words.length === 0)
      throw reader.error(item.place, "invalid example: example cannot be an empty string", "Write a command");
    return words;
  }
  if (item.kind !== "list")
    throw reader.error(
      item.place,
      `invalid example: example must be a string or list of strings (got ${item.type})`,
      'Write "git status" or ["git", "status"]',
    );
  if (item.items.length === 0)
    throw reader.error(item.place, "invalid example: example cannot be an empty list", "Write a command");
  return item.items.map((each) => {
    if (each.kind === "string") return each.text;
    throw reader.error(
      each.place,
      `invalid example: example tokens must be strings (got ${typeName(each)})`,
      "Put every token into quotes",
    );
  });
}

function hostExecutable(reader: ArgumentReader): HostExecutable {
  const name = reader.requiredText("name");
  if (name.text === "" || name.text.includes("/") || name.text === "." || name.text === "..") {
    throw reader.error(
      name.place,
      `invalid rule: host_executable name must be a bare executable name (got ${name.text})`,
      'Write a name without folders, such as "git"',
    );
  }
  const paths = reader.requiredList("paths").items.map((item) => {
    if (item.kind !== "string")
      throw reader.error(
        item.place,
        `invalid rule: host_executable paths must be strings (got ${typeName(item)})`,
        "Put the path into quotes",
      );
    if (!item.text.startsWith("/"))
      throw reader.error(
        item.place,
        `invalid rule: host_executable paths must be absolute (got ${item.text})`,
        `Begin the path with /`,
      );
    if (item.text.slice(item.text.lastIndexOf("/") + 1) !== name.text) {
      throw reader.error(
        item.place,
        `invalid rule: host_executable path \`${item.text}\` must have basename \`${name.text}\``,
        "Correct the path or the name",
      );
    }
    return item.text;
  });
  return { name: name.text, paths: [...new Set(paths)] };
}

function networkRule(reader: ArgumentReader): NetworkRule {
  const host = reader.requiredText("host");
  const protocol = reader.requiredText("protocol");
  if (host.text.trim() === "" || /[\s/]/.test(host.text)) {
    const problem =
      "invalid rule: network_rule host must be a hostname or IP literal (without scheme or path)";
    throw reader.error(host.place, problem, "Name one host");
  }
  if (!/^(?:https?|socks5_tcp|socks5_udp)$/.test(protocol.text)) {
    const problem = `invalid rule: network_rule protocol must be one of http, https, socks5_tcp, socks5_udp (got ${protocol.text})`;
    throw reader.error(protocol.place, problem, "Write one of these");
  }
  reader.requiredText("decision");
  const decision = readDecision(reader, "deny");
  const justification = reader.text("justification");
  return {
    host: host.text,
    protocol: protocol.text,
    decision,
    ...(justification ? { justification: justification.text } : {}),
  };
}

function typeName(value: RulesValue): string {
  return value.kind === "other" ? value.type : value.kind;
}

/** Gives the arguments of one call by name, whether they were written by name or by position. */
class ArgumentReader {
  readonly #call: RulesCall;
  readonly #file: string;
  readonly #values = new Map<string, RulesValue>();

  constructor(call: RulesCall, file: string) {
    this.#call = call;
    this.#file = file;
    const names = Object.hasOwn(PARAMETERS, call.name) ? PARAMETERS[call.name] : undefined;
    if (!names) {
      throw this.error(
        call.place,
        `\`${call.name}\` is not a rule`,
        `Write one of ${Object.keys(PARAMETERS).join(", ")}`,
      );
    }
    for (const [index, value] of call.positional.entries()) {
      const name = names[index];
      if (name === undefined)
        throw this.error(value.place, `too many arguments for ${call.name}`, `It takes ${names.join(", ")}`);
      this.#values.set(name, value);
    }
    for (const [name, { value, place }] of call.named) {
      if (!names.includes(name))
        throw this.error(
          place,
          `found \`${name}\` extra named parameter for call to ${call.name}`,
          `It takes ${names.join(", ")}`,
        );
      if (this.#values.has(name))
        throw this.error(place, `the argument \`${name}\` is given twice`, "Remove one of them");
      this.#values.set(name, value);
    }
  }

  list(name: string): Extract<RulesValue, { kind: "list" }> | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value.kind === "list") return value;
    throw this.#wrongType(name, "list", value);
  }

  text(name: string): Extract<RulesValue, { kind: "string" }> | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value.kind === "string") return value;
    throw this.#wrongType(name, "string", value);
  }

  requiredList(name: string): Extract<RulesValue, { kind: "list" }> {
    return this.list(name) ?? this.#missing(name);
  }

  requiredText(name: string): Extract<RulesValue, { kind: "string" }> {
    return this.text(name) ?? this.#missing(name);
  }

  error(place: SourcePlace, problem: string, remedy: string): RulesError {
    return new RulesError(this.#file, place, problem, remedy);
  }

  #missing(name: string): never {
    throw this.error(
      this.#call.place,
      `missing parameter \`${name}\` for call to \`${this.#call.name}\``,
      `Add ${name}=…`,
    );
  }

  #wrongType(name: string, expected: string, value: RulesValue): RulesError {
    return this.error(
      value.place,
      `type of parameter \`${name}\` doesn't match, expected ${expected}, actual ${typeName(value)}`,
      `Write a ${expected}`,
    );
  }
}
