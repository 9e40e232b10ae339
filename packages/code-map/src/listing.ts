import type { ListedFile } from "./file-source.ts";
import { type LanguageName, languageOfFile } from "./languages.ts";
import { type SkipReason, skipReasonOfPath } from "./skip-rules.ts";

/** A file whose language is understood. */
export interface CodeFile extends ListedFile {
  language: LanguageName;
  /** Of the content and the language it is read as. */
  key: string;
}

/** Files by what their paths tell. */
export interface Listing {
  files: readonly ListedFile[];
  code: readonly CodeFile[];
  skipped: ReadonlyMap<string, SkipReason>;
}

export function sortOut(files: readonly ListedFile[]): Listing {
  const code: CodeFile[] = [];
  const skipped = new Map<string, SkipReason>();
  for (const file of files) {
    const reason = skipReasonOfPath(file.path);
    if (reason !== null) skipped.set(file.path, reason);
    else {
      const language = languageOfFile(file.path);
      if (language !== null) code.push({ ...file, language, key: `${language}:${file.id}` });
    }
  }
  return { files, code, skipped };
}

/** What of a listing is a file or folder, or lies below it. */
export function listingBelow({ files, code, skipped }: Listing, prefix: string): Listing {
  const isBelow = (file: string) => file === prefix || file.startsWith(`${prefix}/`);
  return {
    files: files.filter(({ path }) => isBelow(path)),
    code: code.filter(({ path }) => isBelow(path)),
    skipped: new Map([...skipped].filter(([path]) => isBelow(path))),
  };
}
