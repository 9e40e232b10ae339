import { interpretCall } from "./interpret-call.ts";
import type { HostExecutable, NetworkRule, PrefixRule, RulesPolicy } from "./policy.ts";
import { RulesError, type SourcePlace } from "./rules-error.ts";
import { type Token, tokenizeRules } from "./tokenize.ts";

/** A value in a rules file with the place it was written. */
export type RulesValue =
  | { kind: "string"; text: string; place: SourcePlace }
  | { kind: "list"; items: RulesValue[]; place: SourcePlace }
  | { kind: "other"; type: "int" | "bool" | "NoneType" | "tuple"; place: SourcePlace };

/** One call such as `prefix_rule(...)`. */
export interface RulesCall {
  name: string;
  place: SourcePlace;
  positional: RulesValue[];
  named: Map<string, { value: RulesValue; place: SourcePlace }>;
}

const SUBSET =
  "Rules files hold calls, lists, strings and assignments to names only; write the rules out one by one";

/**
 * Parses one `.rules` file: the part of Starlark that rules need (calls with positional and named arguments, lists,
 * strings, `+`, assignments to names, comments). Every rule is checked against its own examples. Throws RulesError.
 */
export function parseRules(source: string, file: string): RulesPolicy {
  const parser = new RulesParser(tokenizeRules(source, file), file);
  const prefixRules: PrefixRule[] = [];
  const hostExecutables: HostExecutable[] = [];
  const networkRules: NetworkRule[] = [];
  for (const call of parser.calls()) {
    const entry = interpretCall(call, file);
    if (entry.kind === "prefix") prefixRules.push(entry.rule);
    else if (entry.kind === "host") hostExecutables.push(entry.executable);
    else networkRules.push(entry.rule);
  }
  return { prefixRules, hostExecutables, networkRules };
}

class RulesParser {
  readonly #tokens: readonly Token[];
  readonly #file: string;
  readonly #names = new Map<string, RulesValue>();
  #at = 0;

  constructor(tokens: readonly Token[], file: string) {
    this.#tokens = tokens;
    this.#file = file;
  }

  *calls(): Generator<RulesCall> {
    for (;;) {
      while (this.#peek().kind === "newline" || this.#isSymbol(";")) this.#at += 1;
      const token = this.#peek();
      if (token.kind === "end") return;
      const call = this.#statement(token);
      if (call) yield call;
      if (this.#peek().kind !== "newline" && this.#peek().kind !== "end" && !this.#isSymbol(";")) {
        throw this.#error(
          this.#peek(),
          "unexpected text after the statement",
          "Put each rule on a line of its own",
        );
      }
    }
  }

  #statement(token: Token): RulesCall | null {
    if (token.kind === "string") {
      this.#value();
      return null;
    }
    if (token.kind !== "name") throw this.#error(token, `unexpected ${describe(token)}`, SUBSET);
    this.#at += 1;
    if (/^(?:for|def|if|load|while|return|lambda|pass)$/.test(token.text))
      throw this.#error(token, `\`${token.text}\` is not supported`, SUBSET);
    if (this.#isSymbol("=")) {
      this.#at += 1;
      this.#names.set(token.text, this.#value());
      return null;
    }
    if (!this.#isSymbol("("))
      throw this.#error(
        this.#peek(),
        `unexpected ${describe(this.#peek())} after \`${token.text}\``,
        "Write a call such as prefix_rule(pattern=[…])",
      );
    return this.#call(token);
  }

  #call(name: Token): RulesCall {
    const call: RulesCall = { name: name.text, place: name.place, positional: [], named: new Map() };
    this.#at += 1;
    while (!this.#isSymbol(")")) {
      const token = this.#peek();
      const next = this.#tokens[this.#at + 1];
      if (token.kind === "name" && next?.kind === "symbol" && next.text === "=") {
        this.#at += 2;
        if (call.named.has(token.text))
          throw this.#error(token, `the argument \`${token.text}\` is given twice`, "Remove one of them");
        call.named.set(token.text, { value: this.#value(), place: token.place });
      } else {
        if (call.named.size > 0)
          throw this.#error(token, "a positional argument after a named one", "Name every argument");
        call.positional.push(this.#value());
      }
      if (this.#isSymbol(",")) this.#at += 1;
      else if (!this.#isSymbol(")"))
        throw this.#error(
          this.#peek(),
          `unexpected ${describe(this.#peek())} in the call`,
          "Separate arguments by `,` and close the call with `)`",
        );
    }
    this.#at += 1;
    return call;
  }

  #value(): RulesValue {
    let value = this.#single();
    while (this.#isSymbol("+")) {
      const plus = this.#peek();
      this.#at += 1;
      value = this.#add(plus, value, this.#single());
    }
    return value;
  }

  #add(plus: Token, left: RulesValue, right: RulesValue): RulesValue {
    if (left.kind === "list" && right.kind === "list")
      return { ...left, items: [...left.items, ...right.items] };
    if (left.kind === "string" && right.kind === "string") return { ...left, text: left.text + right.text };
    throw this.#error(plus, "`+` joins two lists or two strings", "Give both sides the same type");
  }

  #single(): RulesValue {
    const token = this.#peek();
    this.#at += 1;
    if (token.kind === "string") return { kind: "string", text: token.text, place: token.place };
    if (token.kind === "number") return { kind: "other", type: "int", place: token.place };
    if (token.kind === "symbol" && token.text === "[")
      return { kind: "list", items: this.#items("]"), place: token.place };
    if (token.kind === "symbol" && token.text === "(") {
      this.#items(")");
      return { kind: "other", type: "tuple", place: token.place };
    }
    if (token.kind === "name") {
      if (token.text === "None") return { kind: "other", type: "NoneType", place: token.place };
      if (token.text === "True" || token.text === "False")
        return { kind: "other", type: "bool", place: token.place };
      const known = this.#names.get(token.text);
      if (known) return { ...known, place: token.place };
      throw this.#error(
        token,
        `the name \`${token.text}\` is not defined`,
        "Assign it above, or put the text into quotes",
      );
    }
    throw this.#error(token, `unexpected ${describe(token)}`, "Expected a string or a list");
  }

  #items(close: string): RulesValue[] {
    const items: RulesValue[] = [];
    while (!this.#isSymbol(close)) {
      items.push(this.#value());
      if (this.#isSymbol(",")) this.#at += 1;
      else if (!this.#isSymbol(close))
        throw this.#error(
          this.#peek(),
          `unexpected ${describe(this.#peek())} in the list`,
          `Separate items by \`,\` and close the list with \`${close}\``,
        );
    }
    this.#at += 1;
    return items;
  }

  #peek(): Token {
    const token = this.#tokens[this.#at] ?? this.#tokens[this.#tokens.length - 1];
    if (!token) throw new Error("the token list of a rules file is never empty");
    return token;
  }

  #isSymbol(text: string): boolean {
    const token = this.#peek();
    return token.kind === "symbol" && token.text === text;
  }

  #error(token: Token, problem: string, remedy: string): RulesError {
    return new RulesError(this.#file, token.place, problem, remedy);
  }
}

function describe(token: Token): string {
  if (token.kind === "end") return "end of file";
  if (token.kind === "newline") return "end of line";
  return token.kind === "string" ? `string ${JSON.stringify(token.text)}` : `\`${token.text}\``;
}
