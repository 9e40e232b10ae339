import type { BlockView } from "../blocks/block-view.ts";
import { entryBlock, isSetOff } from "../blocks/entry.ts";
import { noticeBlock } from "../blocks/message.ts";
import type { TimelineEntry } from "../state/thread-state.ts";
import type { Palette } from "../terminal/encode.ts";
import { type LiveArea, LiveScreen } from "../terminal/live-screen.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { BLANK, type StyledLine } from "../text/styled-line.ts";
import type { Clock } from "./ports.ts";

/** About 30 frames a second: more is not seen, and costs the terminal as much as us. */
const FRAME_MS = 33;
/** Lines that may wait for a slow terminal before the oldest waiting ones are left out, with a word. */
const MOST_WAITING = 20_000;

/**
 * Brings frames to the terminal: entries of the timeline once, the live area as it is when there is time to draw. Changes
 * that come faster than frames are drawn together; a terminal that reads slowly gets fewer frames, never a longer queue.
 */
export class Painter {
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  readonly #screen: LiveScreen;
  readonly #live: () => LiveArea;
  #waiting: StyledLine[] = [];
  #last: TimelineEntry | null = null;
  #callOff: (() => void) | null = null;
  #lastDrawn = Number.NEGATIVE_INFINITY;
  #isBlocked = false;
  #isPaused = false;
  readonly #stops: (() => void)[];

  /** `live` is asked for the live area whenever a frame is drawn. */
  constructor(terminal: Terminal, clock: Clock, palette: Palette, live: () => LiveArea) {
    this.#terminal = terminal;
    this.#clock = clock;
    this.#live = live;
    this.#screen = new LiveScreen(sizeOf(terminal), palette);
    this.#stops = [
      terminal.onDrain(() => {
        this.#isBlocked = false;
        this.soon();
      }),
      terminal.onResize(() => {
        const bytes = this.#screen.resize(sizeOf(terminal));
        if (this.#isPaused) return;
        terminal.write(bytes);
        this.now();
      }),
    ];
  }

  set palette(palette: Palette) {
    this.#screen.palette = palette;
    this.soon();
  }

  /** Adds entries that have ended; they are printed with the next frame. */
  print(entries: readonly TimelineEntry[], view: BlockView): void {
    for (const entry of entries) {
      const lines = drawn(entry, view);
      if (lines.length === 0) continue;
      if (isSetOff(this.#last, entry)) this.#waiting.push(BLANK);
      this.#waiting.push(...lines);
      this.#last = entry;
    }
    if (this.#waiting.length > MOST_WAITING) this.#leaveOut();
    this.soon();
  }

  /** Prints lines that are no entry: a banner, the answer of a command. */
  printLines(lines: readonly StyledLine[]): void {
    this.#waiting.push(...(this.#last === null ? [] : [BLANK]), ...lines);
    this.#last = NOT_AN_ENTRY;
    this.soon();
  }

  /** Draws with the next frame. */
  soon(): void {
    if (this.#callOff !== null || this.#isBlocked || this.#isPaused) return;
    const wait = Math.max(0, this.#lastDrawn + FRAME_MS - this.#clock.now());
    this.#callOff = this.#clock.after(wait, () => {
      this.#callOff = null;
      this.#draw();
    });
  }

  /** Draws at once, after a key, unless the terminal has not taken the last frame yet. */
  now(): void {
    this.#callOff?.();
    this.#callOff = null;
    if (!this.#isBlocked && !this.#isPaused) this.#draw();
  }

  /** Leaves the terminal to another program; `resume` draws again. */
  pause(): void {
    if (this.#isPaused) return;
    this.now();
    this.#isPaused = true;
    this.#terminal.write(this.#screen.clear());
  }

  resume(): void {
    this.#isPaused = false;
    this.now();
  }

  /** Prints what waits, takes the live area away and ends. May be called twice. */
  close(): void {
    if (this.#stops.length === 0) return;
    this.#callOff?.();
    this.#terminal.write(
      this.#screen.draw(this.#waiting, { lines: [], cursor: null }) + this.#screen.clear(),
    );
    this.#waiting = [];
    this.#isPaused = true;
    for (const stop of this.#stops.splice(0)) stop();
  }

  #draw(): void {
    const bytes = this.#screen.draw(this.#waiting, this.#live());
    this.#waiting = [];
    this.#lastDrawn = this.#clock.now();
    if (bytes !== "") this.#isBlocked = !this.#terminal.write(bytes);
  }

  #leaveOut(): void {
    const dropped = this.#waiting.length - MOST_WAITING / 2;
    const words = `… ${dropped} lines came faster than this terminal shows them; the thread has them`;
    this.#waiting = [{ spans: [{ text: words, ink: "warn" }] }, ...this.#waiting.slice(dropped)];
  }
}

/** A newer server may send a shape that we do not know; it must not take the screen with it. */
function drawn(entry: TimelineEntry, view: BlockView): StyledLine[] {
  try {
    return entryBlock(entry, view);
  } catch (thrown) {
    const what = entry.kind === "item" ? `An item of the kind ${entry.item.type}` : "Something";
    return noticeBlock("warn", `${what} could not be shown: ${String(thrown)}`, "internal");
  }
}

const NOT_AN_ENTRY: TimelineEntry = { kind: "notice", tone: "quiet", code: null, message: "" };

function sizeOf({ columns, rows }: Terminal): { columns: number; rows: number } {
  return { columns: Math.max(1, columns), rows: Math.max(2, rows) };
}
