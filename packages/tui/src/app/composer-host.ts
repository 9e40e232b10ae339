import type { Client } from "@quire/client";
import {
  type ComposerAction,
  type ComposerState,
  EMPTY_COMPOSER,
  pressInComposer,
  type Written,
  withFiles,
  withImage,
  withText,
} from "../composer/composer.ts";
import type { Suggestion } from "../composer/suggestions.ts";
import { pickDialog } from "../dialogs/pick.ts";
import type { KeyEvent } from "../keys/key-event.ts";
import type { InputHistory } from "./ports.ts";
import type { Ask } from "./questions.ts";

const SUGGESTED_FILES = 30;
/** Earlier inputs that the search offers. */
const OFFERED_INPUTS = 1000;

/** What the composer needs of the rest of the program. */
export interface ComposerSurroundings {
  readonly client: Pick<Client, "request">;
  readonly inputHistory: InputHistory;
  readonly ask: Ask;
  /** Where files are looked for. */
  readonly cwd: () => string;
  readonly commands: () => readonly Suggestion[];
  /** Work that a key has begun; its failure is shown. */
  readonly task: (work: Promise<void>) => void;
  readonly act: (action: ComposerAction) => void;
}

/** The composer with what it remembers: earlier inputs, messages that wait for the end of the turn. */
export class ComposerHost {
  #state: ComposerState = EMPTY_COMPOSER;
  #queue: Written[] = [];
  #history: string[];
  readonly #around: ComposerSurroundings;

  constructor(around: ComposerSurroundings) {
    this.#around = around;
    this.#history = [...around.inputHistory.read()];
  }

  get state(): ComposerState {
    return this.#state;
  }

  get queue(): readonly Written[] {
    return this.#queue;
  }

  press(event: KeyEvent): void {
    const before = this.#state.suggestions?.trigger;
    const { state, action } = pressInComposer(this.#state, event, {
      history: this.#history,
      commands: this.#around.commands(),
      skills: [],
    });
    this.#state = state;
    const trigger = state.suggestions?.trigger;
    if (trigger?.sign === "@" && (before?.sign !== "@" || before.query !== trigger.query)) {
      this.#around.task(this.#findFiles(trigger.query));
    }
    if (action === null) return;
    if (action.kind === "send" || action.kind === "queue") this.#remember(action.written.text);
    if (action.kind === "searchHistory") this.#around.task(this.#searchHistory());
    else this.#around.act(action);
  }

  enqueue(written: Written): void {
    this.#queue.push(written);
  }

  /** The message that waited longest. */
  dequeue(): Written | undefined {
    return this.#queue.shift();
  }

  /** Takes the last queued message back to be changed. */
  recallQueued(): void {
    const last = this.#queue.pop();
    if (last !== undefined) this.#state = withText(EMPTY_COMPOSER, last.text);
  }

  /** Puts a message back that could not be sent, unless something else is being written by now. */
  putBack(written: Written): void {
    if (this.#state.editor.text === "") this.setText(written.text);
  }

  setText(text: string): void {
    this.#state = withText(this.#state, text);
  }

  attachImage(path: string): void {
    this.#state = withImage(this.#state, path);
  }

  #remember(text: string): void {
    if (text.trim() === "" || this.#history[0] === text) return;
    this.#history = [text, ...this.#history];
    this.#around.inputHistory.append(text);
  }

  async #findFiles(query: string): Promise<void> {
    const { files } = await this.#around.client.request("fuzzyFileSearch", {
      query,
      roots: [this.#around.cwd()],
      cancellationToken: "composer",
    });
    const found = files.slice(0, SUGGESTED_FILES).map(
      ({ path, match_type }): Suggestion => ({
        value: match_type === "directory" ? `${path}/` : path,
        hint: "",
        isComplete: true,
      }),
    );
    this.#state = withFiles(this.#state, query, found);
  }

  async #searchHistory(): Promise<void> {
    const choices = this.#history
      .slice(0, OFFERED_INPUTS)
      .map((text) => ({ label: text.replaceAll("\n", " "), hint: "", value: text }));
    const text = await this.#around.ask(pickDialog({ title: "Earlier inputs", choices, isSearchable: true }));
    if (text !== null) this.setText(text);
  }
}
