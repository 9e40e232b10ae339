import { Parser } from "htmlparser2";

/** A page as a model reads it. */
export interface ReadableText {
  title: string;
  text: string;
}

/** What is no content, or what a reader does not see. */
const SKIPPED: ReadonlySet<string> = new Set(
  "script style noscript template svg math iframe object canvas audio video nav aside form button select textarea dialog".split(
    " ",
  ),
);
/** They frame a page, but within its main part they are content. */
const FRAME: ReadonlySet<string> = new Set(["header", "footer"]);
const MAIN: ReadonlySet<string> = new Set(["main", "article"]);
const BLOCKS: ReadonlySet<string> = new Set(
  "address article blockquote body dd details div dl dt fieldset figcaption figure footer header hr li main ol p pre section summary table tbody thead tr ul h1 h2 h3 h4 h5 h6".split(
    " ",
  ),
);
const LONGEST_LINK = 300;
/** The main part stands for the page when it has this many characters, or this part of all of them. */
const ENOUGH_CHARACTERS = 500;
const ENOUGH_PART = 0.3;

/**
 * The readable part of an HTML page: headings, lists, tables, code and links in the manner of Markdown, without
 * navigation, forms and what is hidden from readers. Any text gives some result.
 */
export function readableText(html: string, base: URL): ReadableText {
  const page = new PageText(base);
  const parser = new Parser(
    {
      onopentag: (name, attributes) => page.open(name, attributes),
      ontext: (text) => page.say(text),
      onclosetag: (name) => page.close(name),
    },
    { decodeEntities: true },
  );
  parser.end(html);
  return page.result();
}

class PageText {
  readonly #base: URL;
  #title = "";
  #inTitle = false;
  #out = "";
  /** Names of the open elements within one that is skipped, itself first. */
  #skipped: string[] = [];
  #preformatted = 0;
  #main = 0;
  #mainStart = 0;
  readonly #mainParts: string[] = [];
  readonly #links: { start: number; url: string | null }[] = [];

  constructor(base: URL) {
    this.#base = base;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (this.#skipped.length > 0) {
      this.#skipped.push(name);
      return;
    }
    if (name === "title" && this.#title === "") this.#inTitle = true;
    if (SKIPPED.has(name) || (FRAME.has(name) && this.#main === 0) || isHidden(attributes)) {
      this.#skipped.push(name);
      return;
    }
    if (BLOCKS.has(name)) this.#breakLine();
    if (MAIN.has(name) && this.#main++ === 0) this.#mainStart = this.#out.length;
    if (/^h[1-6]$/.test(name)) this.#add(`\n${"#".repeat(Number(name[1]))} `);
    else if (name === "li") this.#add("- ");
    else if (name === "br") this.#breakLine();
    else if (name === "pre") {
      this.#preformatted++;
      this.#add("```\n");
    } else if ((name === "td" || name === "th") && !this.#atLineStart()) this.#add(" | ");
    else if (name === "a") this.#links.push({ start: this.#out.length, url: this.#linkOf(attributes.href) });
    else if (name === "img" && attributes.alt) this.say(`[image: ${attributes.alt}]`);
  }

  say(text: string): void {
    if (this.#inTitle) {
      this.#title += text;
      return;
    }
    if (this.#skipped.length > 0) return;
    if (this.#preformatted > 0) {
      this.#add(text);
      return;
    }
    const words = text.replace(/\s+/g, " ");
    this.#add(/\s$/.test(this.#out) || this.#out === "" ? words.trimStart() : words);
  }

  close(name: string): void {
    if (name === "title") this.#inTitle = false;
    if (this.#skipped.length > 0) {
      const at = this.#skipped.lastIndexOf(name);
      if (at >= 0) this.#skipped.length = at;
      return;
    }
    if (name === "a") this.#closeLink();
    if (name === "pre" && this.#preformatted > 0) {
      this.#preformatted--;
      this.#breakLine();
      this.#add("```");
    }
    if (BLOCKS.has(name)) this.#breakLine();
    if (name === "p" || /^h[1-6]$/.test(name)) this.#add("\n");
    if (MAIN.has(name) && this.#main > 0 && --this.#main === 0) {
      this.#mainParts.push(this.#out.slice(this.#mainStart));
    }
  }

  result(): ReadableText {
    if (this.#main > 0) this.#mainParts.push(this.#out.slice(this.#mainStart));
    const main = tidy(this.#mainParts.join("\n"));
    const all = tidy(this.#out);
    const isEnough = main.length >= ENOUGH_CHARACTERS || main.length >= all.length * ENOUGH_PART;
    return { title: this.#title.replace(/\s+/g, " ").trim(), text: main !== "" && isEnough ? main : all };
  }

  #closeLink(): void {
    const link = this.#links.pop();
    if (link === undefined || link.url === null) return;
    const words = this.#out.slice(link.start).trim();
    if (words !== "" && !words.includes("\n"))
      this.#out = `${this.#out.slice(0, link.start)}[${words}](${link.url})`;
  }

  #linkOf(href: string | undefined): string | null {
    if (href === undefined || href.startsWith("#") || !URL.canParse(href, this.#base)) return null;
    const url = new URL(href, this.#base);
    const isPage = url.protocol === "https:" || url.protocol === "http:";
    return isPage && url.href.length <= LONGEST_LINK ? url.href : null;
  }

  #breakLine(): void {
    if (!this.#atLineStart()) this.#out += "\n";
  }

  #atLineStart(): boolean {
    return this.#out === "" || this.#out.endsWith("\n");
  }

  #add(text: string): void {
    this.#out += text;
  }
}

function isHidden(attributes: Readonly<Record<string, string>>): boolean {
  return (
    "hidden" in attributes ||
    attributes["aria-hidden"] === "true" ||
    /display\s*:\s*none|visibility\s*:\s*hidden/i.test(attributes.style ?? "")
  );
}

function tidy(text: string): string {
  return text
    .replace(/[ \t]+\n/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
