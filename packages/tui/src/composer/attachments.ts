import { groupedDigits } from "@quire/protocol";

/** Something that is too large for the composer, or no text; a label stands for it in the text. */
export type Attachment =
  | { readonly kind: "text"; readonly label: string; readonly text: string }
  | { readonly kind: "image"; readonly label: string; readonly path: string };

/** A paste longer than this is shown as a label. */
const LONGEST_SHOWN = 1500;
const MOST_SHOWN_LINES = 12;

export function isLongPaste(text: string): boolean {
  return text.length > LONGEST_SHOWN || text.split("\n", MOST_SHOWN_LINES + 1).length > MOST_SHOWN_LINES;
}

export function pastedText(text: string, known: readonly Attachment[]): Attachment {
  const lines = text.split("\n").length;
  const size = lines > 1 ? `${groupedDigits(lines)} lines` : `${groupedDigits(text.length)} characters`;
  return { kind: "text", label: `[Pasted #${known.length + 1}: ${size}]`, text };
}

export function attachedImage(path: string, known: readonly Attachment[]): Attachment {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return { kind: "image", label: `[Image #${known.length + 1}: ${name}]`, path };
}

/** The label of a picture in a text, where none of the known ones is it. */
export function imageLabelIn(text: string, path: string, known: readonly Attachment[]): string | null {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const taken = new Set(known.map(({ label }) => label));
  for (const [label, , shown] of text.matchAll(/\[Image #(\d+): ([^\]]*)\]/g)) {
    if (shown === name && !taken.has(label)) return label;
  }
  return null;
}

const IMAGE_PATH = /^(?:file:\/\/)?(\/.*\.(?:png|jpe?g|gif|webp))$/i;

/** The path of an image that was dropped on the terminal, which pastes it: quoted, escaped or as a file address. */
export function droppedImage(pasted: string): string | null {
  const bare = pasted
    .trim()
    .replace(/^(['"])(.*)\1$/, "$2")
    .replace(/\\(.)/g, "$1");
  if (bare.includes("\n")) return null;
  const match = IMAGE_PATH.exec(bare);
  if (match?.[1] === undefined) return null;
  return bare.startsWith("file://") ? decoded(match[1]) : match[1];
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // A percent sign that escapes nothing is part of the name.
    return path;
  }
}

/** The text as it is sent, with pastes put back in their places, and the images whose labels are still in it. */
export function expand(
  text: string,
  attachments: readonly Attachment[],
): { text: string; images: readonly string[] } {
  let expanded = text;
  const images: string[] = [];
  for (const attachment of attachments) {
    if (!expanded.includes(attachment.label)) continue;
    if (attachment.kind === "image") images.push(attachment.path);
    else expanded = expanded.replace(attachment.label, () => attachment.text);
  }
  return { text: expanded, images };
}
