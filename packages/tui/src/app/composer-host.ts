import type { Client } from "@quire/client";
import {
  type ComposerAction,
  type ComposerState,
  EMPTY_COMPOSER,
  pressInComposer,
  withFiles,
  withImage,
  withImages,
  withSkills,
  withText,
  withVim,
} from "../composer/composer.ts";
import type { Suggestion } from "../composer/suggestions.ts";
import { pickDialog } from "../dialogs/pick.ts";
import type { KeyEvent } from "../keys/key-event.ts";
import type { Keymap } from "../keys/keymap.ts";
import type { InputHistory } from "./ports.ts";
import type { Ask } from "./questions.ts";

const SUGGESTED_FILES = 30;
/** Earlier inputs that the search offers. */
const OFFERED_INPUTS = 1000;

/** What the composer needs of the rest of the program. */
export interface ComposerSurroundings {
  readonly client: Pick<Client, "request">;
  readonly inputHistory: InputHistory;
  readonly keymap: Keymap;
  /** Keys of vi from the beginning. */
  readonly vim: boolean;
  readonly ask: Ask;
  /** Where files are looked for. */
  readonly cwd: () => string;
  readonly commands: () => readonly Suggestion[];
  readonly skills: () => readonly Suggestion[];
  /** Work that a key has begun; its failure is shown. */
  readonly task: (work: Promise<void>) => void;
  readonly act: (action: ComposerAction) => void;
}

/** The composer with what it remembers: earlier inputs. */
export class ComposerHost {
  #state: ComposerState = EMPTY_COMPOSER;
  #history: string[];
  readonly #around: ComposerSurroundings;

  constructor(around: ComposerSurroundings) {
    this.#around = around;
    this.#history = [...around.inputHistory.read()];
    this.#state = withVim(EMPTY_COMPOSER, around.vim);
  }

  get state(): ComposerState {
    return this.#state;
  }

  /** A word for what the keys do, while they do not write. */
  get mode(): string | null {
    const { vim } = this.#state;
    return vim === null ? null : vim.mode === "normal" ? "NORMAL" : "INSERT";
  }

  press(event: KeyEvent): void {
    const before = this.#state.suggestions?.trigger;
    const { state, action } = pressInComposer(this.#state, event, {
      history: this.#history,
      commands: this.#around.commands(),
      skills: this.#around.skills(),
      keymap: this.#around.keymap,
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

  /** Above what is being written by now, so that neither is lost. */
  putBack(text: string, images: readonly string[] = []): void {
    const written = this.#state.editor.text;
    this.setText(written === "" ? text : `${text}\n${written}`);
    this.#state = withImages(this.#state, images);
  }

  setText(text: string): void {
    this.#state = withText(this.#state, text);
  }

  /** Skills are known now: what is offered behind a dollar sign that stands there already. */
  refreshSkills(): void {
    this.#state = withSkills(this.#state, this.#around.skills());
  }

  /** Keys of vi on or off; says which. */
  toggleVim(): boolean {
    const isOn = this.#state.vim === null;
    this.#state = withVim(this.#state, isOn);
    return isOn;
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
