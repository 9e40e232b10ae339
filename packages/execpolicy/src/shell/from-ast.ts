import {
  type Command,
  forEachChild,
  type ParsedScript,
  parse,
  type Redirection,
  type Statement,
  type SyntaxNode,
} from "unbash";
import { evaluateWhole, evaluateWord, type WordScope } from "./evaluate-word.ts";
import { folderAfter } from "./follow-folder.ts";
import {
  emptyScript,
  fixedWord,
  isFixed,
  type ShellCommand,
  type ShellRedirect,
  type ShellScript,
  type ShellSurroundings,
  type ShellWord,
} from "./script-model.ts";

const MAX_DEPTH = 200;
/** A loop body is looked at once for each of this many fixed values. */
const MAX_LOOP_VALUES = 8;
/** Longer bodies, in UTF-16 units, are looked at once only. */
const MAX_LOOP_BODY = 1024;

/** Parses any shell text into the model of the forbid rules. Tolerant: what cannot be parsed sets `damaged`. */
export function scriptFromText(text: string, surroundings: ShellSurroundings): ShellScript {
  const builder = new ScriptBuilder(text, surroundings);
  try {
    builder.addScript(parse(text));
  } catch {
    // The parser promises never to throw; if it does, the token scan of the caller takes over.
    builder.script.damaged = true;
  }
  return builder.script;
}

class ScriptBuilder {
  readonly script: ShellScript = emptyScript();
  #source: string;
  readonly #home: string;
  #cwd: string | null;
  readonly #variables = new Map<string, string>();
  readonly #origins = new Map<string, ShellWord["substituted"]>();
  #depth = 0;
  #loops = 0;

  constructor(source: string, surroundings: ShellSurroundings) {
    this.#source = source;
    this.#home = surroundings.home;
    this.#cwd = surroundings.cwd;
  }

  addScript(parsed: ParsedScript): void {
    const outer = this.#source;
    this.#source = parsed.source ?? outer;
    if (parsed.errors !== undefined && parsed.errors.length > 0) this.script.damaged = true;
    for (const statement of parsed.commands) this.#addStatement(statement);
    this.#source = outer;
  }

  #addStatement(statement: Statement): ShellCommand[] {
    const added = this.#addNode(statement.command);
    if (statement.background === true) for (const command of added) command.background = true;
    return added;
  }

  /** Adds everything below a node and gives back the simple commands in it, without those in substitutions. */
  #addNode(node: SyntaxNode): ShellCommand[] {
    if (this.#depth >= MAX_DEPTH) {
      this.script.damaged = true;
      return [];
    }
    this.#depth += 1;
    try {
      return this.#addKnown(node);
    } finally {
      this.#depth -= 1;
    }
  }

  #addKnown(node: SyntaxNode): ShellCommand[] {
    switch (node.type) {
      case "Command":
        return [this.#addCommand(node)];
      case "Statement":
        return this.#addStatement(node);
      case "Pipeline": {
        const stages = node.commands.map((stage) => this.#addNode(stage));
        this.script.pipelines.push({ stages });
        return stages.flat();
      }
      case "Redirected": {
        const inner = this.#addNode(node.command);
        return [...inner, this.#push([], [], this.#redirects(node.redirects), node)];
      }
      case "Function": {
        const inner = this.#addNode(node.body);
        this.#noteSelfMultiplying(node.name.value, inner);
        return inner;
      }
      case "For":
      case "Select":
        return this.#addLoop(
          node.name.value,
          node.wordlist?.flatMap((word) => this.#words(word)) ?? [],
          node.body,
        );
      case "Word":
        this.#words(node);
        return [];
      case "CommandExpansion":
      case "ProcessSubstitution":
        this.#nested(node.script);
        return [];
      default:
        return this.#addChildren(node);
    }
  }

  #addChildren(node: SyntaxNode): ShellCommand[] {
    const added: ShellCommand[] = [];
    forEachChild(node, (child) => {
      for (const command of this.#addNode(child)) added.push(command);
    });
    return added;
  }

  #addLoop(name: string, values: ShellWord[], body: SyntaxNode): ShellCommand[] {
    const fixed = values.filter(isFixed).slice(0, MAX_LOOP_VALUES);
    if (fixed.length === 0 || this.#loops >= 2 || body.end - body.pos > MAX_LOOP_BODY) {
      this.#variables.delete(name);
      this.#origins.set(
        name,
        values.flatMap((value) => value.substituted),
      );
      return this.#addNode(body);
    }
    this.#loops += 1;
    const added = fixed.flatMap((value) => {
      this.#variables.set(name, value.text);
      return this.#addNode(body);
    });
    this.#loops -= 1;
    return added;
  }

  #addCommand(node: Command): ShellCommand {
    const words: ShellWord[] = node.name ? this.#words(node.name) : [];
    const assignments: ShellCommand["assignments"] = [];
    for (const [index, entry] of [...node.prefix, ...node.suffix].entries()) {
      if (entry.type === "Word") words.push(...this.#words(entry));
      else if (entry.type === "Assignment") {
        const value = entry.value.type === "Word" ? this.#whole(entry.value) : this.#array(entry.value);
        assignments.push({ name: entry.name, value });
        // Behind the name, as in `export A=1`, it is an argument; before it, it is none.
        if (node.name && index >= node.prefix.length)
          words.push({ ...value, text: `${entry.name}=${value.text}` });
        this.#remember(node, entry.name, value);
      }
    }
    if (!node.name) words.length = 0;
    const command = this.#push(words, assignments, this.#redirects(node.redirects), node);
    this.#cwd = folderAfter(words, this.#cwd, this.#home);
    return command;
  }

  /** An assignment lasts when nothing runs with it, or when the command is one that declares variables. */
  #remember(node: Command, name: string, value: ShellWord): void {
    const lasting = !node.name || /^(?:export|declare|local|readonly|typeset)$/.test(node.name.value);
    if (!lasting) return;
    if (isFixed(value)) this.#variables.set(name, value.text);
    else this.#variables.delete(name);
    this.#origins.set(name, value.substituted);
  }

  #push(
    words: ShellWord[],
    assignments: ShellCommand["assignments"],
    redirects: ShellRedirect[],
    node: { pos: number; end: number },
  ): ShellCommand {
    const text = this.#source.slice(node.pos, node.end);
    const command = { words, assignments, redirects, background: false, cwd: this.#cwd, text };
    this.script.commands.push(command);
    return command;
  }

  #redirects(nodes: readonly Redirection[]): ShellRedirect[] {
    return nodes.map((node) => {
      const fd = node.descriptor?.type === "FileDescriptor" ? node.descriptor.value : null;
      if (node.type === "Redirect") {
        return {
          operator: node.operator,
          fd,
          target: node.target ? this.#whole(node.target) : null,
          body: null,
        };
      }
      if (node.type === "HereString") {
        return { operator: "<<<", fd, target: null, body: node.target ? this.#whole(node.target) : null };
      }
      const body = fixedWord(node.body.text);
      if (node.delimiter?.quoted !== true) for (const part of node.body.parts ?? []) this.#addNode(part);
      return { operator: node.operator, fd, target: null, body };
    });
  }

  #words(word: Parameters<typeof evaluateWord>[0]): ShellWord[] {
    return evaluateWord(word, this.#scope());
  }

  #whole(word: Parameters<typeof evaluateWord>[0]): ShellWord {
    return evaluateWhole(word, this.#scope());
  }

  #array(node: { elements: readonly Parameters<typeof evaluateWord>[0][] }): ShellWord {
    const elements = node.elements.flatMap((element) => this.#words(element));
    return {
      text: elements.map((element) => element.text).join(" "),
      globbed: false,
      variables: elements.flatMap((element) => element.variables),
      substituted: elements.flatMap((element) => element.substituted),
    };
  }

  #scope(): WordScope {
    return {
      home: this.#home,
      cwd: this.#cwd,
      variables: this.#variables,
      origins: this.#origins,
      visit: (node) => void this.#addNode(node),
      nested: (script) => this.#nested(script),
    };
  }

  /** Adds a substitution's script to this one and gives it back on its own as well. */
  #nested(parsed: ParsedScript | undefined): ShellScript {
    const own = emptyScript();
    if (!parsed || this.#depth >= MAX_DEPTH) return own;
    const { cwd } = { cwd: this.#cwd };
    const from = this.script.commands.length;
    const fromPipelines = this.script.pipelines.length;
    this.#depth += 1;
    this.addScript(parsed);
    this.#depth -= 1;
    this.#cwd = cwd;
    own.commands = this.script.commands.slice(from);
    own.pipelines = this.script.pipelines.slice(fromPipelines);
    return own;
  }

  #noteSelfMultiplying(name: string, body: readonly ShellCommand[]): void {
    const own = body.filter((command) => command.words[0]?.text === name);
    if (own.some((command) => command.background) || own.length > 1) this.script.selfMultiplying.push(name);
  }
}
