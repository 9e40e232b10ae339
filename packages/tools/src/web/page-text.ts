import { visibleText } from "@quire/protocol";
import { type ReadableText, readableText } from "./readable-text.ts";

/** Characters that are kept of one page. */
const MOST_CHARACTERS = 400_000;
const HTML: ReadonlySet<string> = new Set(["text/html", "application/xhtml+xml"]);

/** Whether a body of this media type is text. An answer that names no type is none. */
export function isReadable(mediaType: string): boolean {
  return (
    mediaType.startsWith("text/") ||
    /^application\/(?:[\w.+-]+\+)?(?:json|xml|yaml|javascript|toml)$/.test(mediaType) ||
    HTML.has(mediaType)
  );
}

/** A body as text that cannot hide anything: characters that hide or reorder what people see are made visible. */
export function pageText(body: Buffer, contentType: string, url: URL): ReadableText {
  const mediaType = (contentType.split(";")[0] ?? "").trim();
  const text = decoded(body, contentType, HTML.has(mediaType));
  const page = HTML.has(mediaType) ? readableText(text, url) : { title: "", text };
  return {
    title: visibleText(page.title).slice(0, 300),
    text: visibleText(page.text).slice(0, MOST_CHARACTERS),
  };
}

/** In the encoding that the server or the page names; UTF-8 where they name none that is known. */
function decoded(body: Buffer, contentType: string, isHtml: boolean): string {
  const declared =
    /charset\s*=\s*"?([\w-]+)/i.exec(contentType)?.[1] ??
    (isHtml
      ? /<meta[^>]+charset\s*=\s*["']?([\w-]+)/i.exec(body.toString("latin1", 0, 4096))?.[1]
      : undefined);
  try {
    return new TextDecoder(declared ?? "utf-8").decode(body);
  } catch {
    // A name that no standard knows.
    return body.toString("utf8");
  }
}
