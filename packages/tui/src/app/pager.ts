import type { KeyEvent } from "../keys/key-event.ts";
import type { ScreenSize } from "../terminal/live-screen.ts";
import { safeLine } from "../text/safe-text.ts";
import { lineOf, plainText, type Span, type StyledLine } from "../text/styled-line.ts";
import { cutLine, wrapLine } from "../text/wrap.ts";

/** A long text in a window, with a search. Immutable but for the rows, which are made anew when the width changes. */
export interface PagerState {
  readonly rows: readonly StyledLine[];
  /** What the rows are made of, for a screen of another width. */
  readonly lines: readonly StyledLine[];
  /** The row at the top of the window. */
  readonly top: number;
  /** What is searched for; null while no search is written. */
  readonly search: { readonly query: string; readonly isWriting: boolean } | null;
}

export type PagerStep =
  | { readonly kind: "open"; readonly state: PagerState }
  /** The top was reached and there may be more above. */
  | { readonly kind: "earlier"; readonly state: PagerState }
  | { readonly kind: "close" };

/** The text, wrapped, with its end in the window. */
export function openPager(lines: readonly StyledLine[], size: ScreenSize): PagerState {
  const rows = lines.flatMap((line) => wrapLine(line, size.columns));
  return { rows, lines, top: Math.max(0, rows.length - windowRows(size)), search: null };
}

/** The same text on a screen of another size, at about the same place. */
export function resizePager(state: PagerState, size: ScreenSize): PagerState {
  const rows = state.lines.flatMap((line) => wrapLine(line, size.columns));
  const top = Math.round((state.top / Math.max(1, state.rows.length)) * rows.length);
  return { ...state, rows, top: Math.max(0, Math.min(rows.length - windowRows(size), top)) };
}

/** More text above what is there; the window stays where it is. */
export function withEarlier(state: PagerState, lines: readonly StyledLine[], size: ScreenSize): PagerState {
  const above = lines.flatMap((line) => wrapLine(line, size.columns));
  return {
    ...state,
    rows: [...above, ...state.rows],
    lines: [...lines, ...state.lines],
    top: state.top + above.length,
  };
}

/** Every row of the screen: the window and a line of help. */
export function drawPager(state: PagerState, size: ScreenSize): StyledLine[] {
  const height = windowRows(size);
  const query = state.search?.query.toLowerCase() ?? "";
  const shown = state.rows
    .slice(state.top, state.top + height)
    .map((row) => marked(cutLine(row, size.columns), query));
  const filled = [...shown, ...Array.from({ length: height - shown.length }, () => lineOf(""))];
  return [...filled, footer(state, height, size.columns)];
}

export function pressInPager(state: PagerState, event: KeyEvent, size: ScreenSize): PagerStep {
  if (state.search?.isWriting) return writeSearch(state, state.search.query, event, size);
  if (event.type === "text") return letter(state, event.text, size);
  if (event.type !== "key") return { kind: "open", state };
  const height = windowRows(size);
  if (typeof event.key !== "string") {
    const { char } = event.key;
    return event.ctrl && (char === "c" || char === "t") ? { kind: "close" } : { kind: "open", state };
  }
  switch (event.key) {
    case "escape":
      return { kind: "close" };
    case "up":
      return scroll(state, -1, height);
    case "down":
    case "enter":
      return scroll(state, 1, height);
    case "pageUp":
      return scroll(state, -height, height);
    case "pageDown":
      return scroll(state, height, height);
    case "home":
      return scroll(state, -state.rows.length, height);
    case "end":
      return scroll(state, state.rows.length, height);
    default:
      return { kind: "open", state };
  }
}

function letter(state: PagerState, text: string, size: ScreenSize): PagerStep {
  const height = windowRows(size);
  switch (text) {
    case "q":
      return { kind: "close" };
    case "k":
      return scroll(state, -1, height);
    case "j":
      return scroll(state, 1, height);
    case " ":
      return scroll(state, height, height);
    case "b":
      return scroll(state, -height, height);
    case "g":
      return scroll(state, -state.rows.length, height);
    case "G":
      return scroll(state, state.rows.length, height);
    case "/":
      return { kind: "open", state: { ...state, search: { query: "", isWriting: true } } };
    case "n":
      return { kind: "open", state: find(state, -1, size) };
    case "N":
      return { kind: "open", state: find(state, 1, size) };
    default:
      return { kind: "open", state };
  }
}

function writeSearch(state: PagerState, query: string, event: KeyEvent, size: ScreenSize): PagerStep {
  const write = (next: string): PagerStep => ({
    kind: "open",
    state: { ...state, search: { query: next, isWriting: true } },
  });
  if (event.type === "text" || event.type === "paste") return write(query + safeLine(event.text));
  if (event.type !== "key" || typeof event.key !== "string") return { kind: "open", state };
  if (event.key === "backspace") return write(query.slice(0, -1));
  if (event.key === "escape") return { kind: "open", state: { ...state, search: null } };
  if (event.key !== "enter") return { kind: "open", state };
  const search = query === "" ? null : { query, isWriting: false };
  return { kind: "open", state: find({ ...state, search }, -1, size) };
}

function scroll(state: PagerState, by: number, height: number): PagerStep {
  const top = Math.max(0, Math.min(state.rows.length - height, state.top + by));
  return { kind: by < 0 && top === 0 ? "earlier" : "open", state: { ...state, top } };
}

/** The nearest row above or below the window's top that holds what is searched for, in the middle of the window. */
function find(state: PagerState, direction: -1 | 1, size: ScreenSize): PagerState {
  const query = state.search?.query.toLowerCase() ?? "";
  if (query === "") return state;
  const middle = state.top + Math.floor(windowRows(size) / 2);
  for (let at = middle + direction; at >= 0 && at < state.rows.length; at += direction) {
    const row = state.rows[at];
    if (row === undefined || !plainText(row).toLowerCase().includes(query)) continue;
    const top = at - Math.floor(windowRows(size) / 2);
    return { ...state, top: Math.max(0, Math.min(state.rows.length - windowRows(size), top)) };
  }
  return state;
}

/** The row with every match set off. */
function marked(row: StyledLine, query: string): StyledLine {
  if (query === "" || !plainText(row).toLowerCase().includes(query)) return row;
  return { ...row, spans: row.spans.flatMap((span) => markedSpans(span, query)) };
}

function markedSpans(span: Span, query: string): Span[] {
  const spans: Span[] = [];
  const lower = span.text.toLowerCase();
  let at = 0;
  for (let hit = lower.indexOf(query); hit !== -1; hit = lower.indexOf(query, at)) {
    if (hit > at) spans.push({ ...span, text: span.text.slice(at, hit) });
    spans.push({ ...span, text: span.text.slice(hit, hit + query.length), inverse: true });
    at = hit + query.length;
  }
  return at < span.text.length ? [...spans, { ...span, text: span.text.slice(at) }] : spans;
}

function footer(state: PagerState, height: number, columns: number): StyledLine {
  if (state.search?.isWriting) return cutLine(lineOf(`/${state.search.query}█`), columns);
  const last = Math.min(state.rows.length, state.top + height);
  const found = state.search === null ? "" : " · n N next match";
  return cutLine(
    lineOf(`${last} of ${state.rows.length} · ↑↓ PgUp PgDn · / search${found} · q back`, { ink: "muted" }),
    columns,
  );
}

function windowRows({ rows }: ScreenSize): number {
  return Math.max(1, rows - 1);
}
