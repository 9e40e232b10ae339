import type { ParameterExpansionPart, ParsedScript, SyntaxNode, Word, WordPart } from "unbash";
import { expandBraces } from "./expand-braces.ts";
import { type ShellScript, type ShellWord, UNKNOWN, UNKNOWN_NONEMPTY } from "./script-model.ts";
import { staticOutput } from "./static-output.ts";

/** What word evaluation needs from the builder around it. */
export interface WordScope {
  home: string;
  cwd: string | null;
  /** Substitutions whose output a variable holds. */
  origins: ReadonlyMap<string, ShellWord["substituted"]>;
  /** Looks for commands below a node that is not a word. */
  visit(node: SyntaxNode): void;
  /** Values of variables the script itself has set. */
  variables: ReadonlyMap<string, string>;
  nested(script: ParsedScript | undefined): ShellScript;
}

/** Marks the places where an unquoted expansion splits into words. */
const SPLIT = "\ue002";

interface Draft {
  text: string;
  globbed: boolean;
  variables: string[];
  substituted: ShellWord["substituted"];
  braces: boolean;
}

/** Evaluates one word; unquoted expansions and braces may make several of it. */
export function evaluateWord(word: Word, scope: WordScope): ShellWord[] {
  const draft: Draft = { text: "", globbed: false, variables: [], substituted: [], braces: false };
  if (word.parts === undefined) {
    draft.text = word.value;
    draft.globbed = /[*?[]/.test(word.text) && !/[\\]/.test(word.text);
  } else for (const part of word.parts) addPart(part, false, draft, scope);
  if (/^~(?:\/|$)/.test(word.text)) draft.text = scope.home + draft.text.slice(1);
  const texts = draft.braces ? expandBraces(draft.text) : [draft.text];
  const words = texts.flatMap((text) =>
    text.includes(SPLIT) ? text.split(SPLIT).filter((each) => each !== "") : [text],
  );
  const { globbed, variables, substituted } = draft;
  return words.map((text) => ({ text, globbed, variables, substituted }));
}

/** Evaluates a word that is never split, such as the value of an assignment. */
export function evaluateWhole(word: Word, scope: WordScope): ShellWord {
  const pieces = evaluateWord(word, scope);
  const [first] = pieces;
  if (first === undefined) return { text: "", globbed: false, variables: [], substituted: [] };
  return { ...first, text: pieces.map((piece) => piece.text).join(" ") };
}

function addPart(part: WordPart, quoted: boolean, draft: Draft, scope: WordScope): void {
  switch (part.type) {
    case "Literal":
    case "SingleQuoted":
    case "AnsiCQuoted":
      draft.text += part.value;
      return;
    case "Glob":
      draft.globbed ||= !quoted;
      draft.text += part.text;
      return;
    case "DoubleQuoted":
    case "LocaleString":
      for (const child of part.parts) addPart(child, true, draft, scope);
      return;
    case "SimpleExpansion":
      addVariable(part.text.slice(1), quoted, draft, scope);
      return;
    case "ParameterExpansion":
      addParameter(part, quoted, draft, scope);
      return;
    case "CommandExpansion":
    case "ProcessSubstitution":
      addSubstitution(part, quoted, draft, scope);
      return;
    case "BraceExpansion":
      draft.braces = true;
      draft.text += part.text.replace(/['"\\]/g, "");
      for (const child of part.parts ?? []) noteSubstitutions(child, draft, scope);
      return;
    case "ExtendedGlob":
      draft.globbed = true;
      draft.text += UNKNOWN_NONEMPTY;
      return;
    case "ArithmeticExpansion":
      if (part.expression) scope.visit(part.expression);
      draft.text += UNKNOWN_NONEMPTY;
  }
}

function noteSubstitutions(part: WordPart, draft: Draft, scope: WordScope): void {
  const aside: Draft = {
    text: "",
    globbed: false,
    variables: [],
    substituted: draft.substituted,
    braces: false,
  };
  addPart(part, false, aside, scope);
}

function addSubstitution(
  part: Extract<WordPart, { type: "CommandExpansion" | "ProcessSubstitution" }>,
  quoted: boolean,
  draft: Draft,
  scope: WordScope,
): void {
  const script = scope.nested(part.script);
  draft.substituted.push({ kind: part.type === "CommandExpansion" ? "command" : "process", script });
  const [only, ...others] = script.commands;
  const printed =
    part.type === "CommandExpansion" && only && others.length === 0 ? staticOutput(only) : undefined;
  if (printed === undefined) draft.text += part.type === "CommandExpansion" ? UNKNOWN : "/dev/fd/63";
  else addExpansion(printed.replace(/\n+$/, ""), quoted, draft);
}

function addVariable(name: string, quoted: boolean, draft: Draft, scope: WordScope): void {
  const value = knownValue(name, scope);
  if (value !== undefined) addExpansion(value, quoted, draft);
  else {
    draft.variables.push(name);
    draft.substituted.push(...(scope.origins.get(name) ?? []));
    draft.text += UNKNOWN;
  }
}

function addParameter(part: ParameterExpansionPart, quoted: boolean, draft: Draft, scope: WordScope): void {
  const name = part.parameter;
  const { operation } = part;
  if (part.prefix !== undefined || part.index !== undefined) {
    draft.variables.push(name);
    draft.text += UNKNOWN;
    return;
  }
  if (operation === undefined) {
    addVariable(name, quoted, draft, scope);
    return;
  }
  const value = knownValue(name, scope);
  if (operation.type === "Default" && /[-=]$/.test(operation.operator)) {
    const fallback = evaluateWhole(operation.operand, scope);
    draft.substituted.push(...fallback.substituted);
    if (value === undefined) draft.variables.push(name);
    addExpansion(value ?? fallback.text, quoted, draft);
    return;
  }
  for (const word of operandWords(operation))
    draft.substituted.push(...evaluateWhole(word, scope).substituted);
  if (operation.type === "Default" && operation.operator.endsWith("?")) {
    draft.text += value ?? UNKNOWN_NONEMPTY;
    return;
  }
  draft.variables.push(name);
  draft.text += UNKNOWN;
}

function operandWords(operation: NonNullable<ParameterExpansionPart["operation"]>): Word[] {
  const words: Word[] = [];
  if ("operand" in operation && operation.operand !== undefined) words.push(operation.operand);
  if (operation.type === "Replace") words.push(operation.pattern, operation.replacement);
  if (operation.type === "Slice")
    words.push(operation.offset, ...(operation.length ? [operation.length] : []));
  return words;
}

function knownValue(name: string, scope: WordScope): string | undefined {
  if (name === "IFS") return " ";
  const own = scope.variables.get(name);
  if (own !== undefined) return own;
  if (name === "HOME") return scope.home;
  return name === "PWD" ? (scope.cwd ?? undefined) : undefined;
}

function addExpansion(value: string, quoted: boolean, draft: Draft): void {
  draft.text += quoted ? value : value.replace(/\s+/g, SPLIT);
  if (!quoted && /[*?[]/.test(value)) draft.globbed = true;
}
