import { join, relative } from "node:path";
import { directoriesBetween, findProjectRoot } from "@quire/config";
import { cutToBudget } from "./cut-to-budget.ts";
import { type DocFile, readFirstDoc } from "./doc-file.ts";
import type { ProjectDocWarning } from "./project-doc-warning.ts";
import { type ProjectDocsFs, realDocsFs } from "./project-docs-fs.ts";

/** Bytes of the user's own AGENTS.md that the model is shown; it stands outside of the project's budget. */
export const GLOBAL_DOC_MAX_BYTES = 32_768;

const OVERRIDE_NAME = "AGENTS.override.md";
const DOC_NAME = "AGENTS.md";

export interface LoadProjectDocsInput {
  /** The Quire home, with the user's own document. */
  home: string;
  cwd: string;
  /** Names of files or folders that mark the root of a project; without a root only `cwd` is looked at. */
  rootMarkers: readonly string[];
  /** Bytes that the project's documents may take together; zero turns them off. */
  maxBytes: number;
  /** File names to try, in order, in a directory without an AGENTS.md. */
  fallbackNames: readonly string[];
  /** Judges the project's documents by their real paths: one may be a link to a secret. Default: all may be read. */
  mayRead?: (realPath: string) => boolean;
  fs?: ProjectDocsFs;
}

/** Where a part of the text came from. */
export interface ProjectDocPiece {
  kind: "global" | "project";
  path: string;
  /** Bytes of it in the text. */
  bytes: number;
  /** Bytes that were left out for want of room. */
  cutBytes: number;
  removedCharacters: number;
}

export interface ProjectDocs {
  /** The message for the model; null when there is nothing to say. The same files give the same bytes. */
  text: string | null;
  /** In the order of the text: the global document, then from the root down to `cwd`. */
  pieces: ProjectDocPiece[];
  warnings: ProjectDocWarning[];
  /** What the model is shown of each file, in the same order. */
  documents: { kind: ProjectDocPiece["kind"]; path: string; text: string }[];
  /** The project's root, or the directory itself; a real path. */
  root: string;
}

/** A document fitted into its budget. */
interface FittedDoc extends ProjectDocPiece {
  text: string;
}

/**
 * Finds and joins the AGENTS.md files that apply to `cwd`. Never throws for what it finds on disk: what cannot be
 * read is left out with a warning.
 */
export async function loadProjectDocs(input: LoadProjectDocsInput): Promise<ProjectDocs> {
  const fs = input.fs ?? realDocsFs;
  const warnings: ProjectDocWarning[] = [];
  const cwd = await fs.realpath(input.cwd).catch(() => input.cwd);
  const root = input.maxBytes > 0 ? await findProjectRoot(cwd, input.rootMarkers, fs) : null;
  const [globalDoc, projectDocs] = await Promise.all([
    readFirstDoc([join(input.home, OVERRIDE_NAME), join(input.home, DOC_NAME)], {
      inside: null,
      limit: GLOBAL_DOC_MAX_BYTES,
      fs,
      warn: (warning) => warnings.push(warning),
    }),
    input.maxBytes > 0 ? readDirectories(root, cwd, input, fs) : { docs: [], warnings: [] },
  ]);
  warnings.push(...projectDocs.warnings);
  const global = fit(globalDoc === null ? [] : [globalDoc], GLOBAL_DOC_MAX_BYTES, "global");
  const project = fit(projectDocs.docs, input.maxBytes, "project");
  const pieces = [...global, ...project];
  for (const piece of pieces) {
    if (piece.cutBytes > 0) warnings.push(cutWarning(piece, input.maxBytes));
  }
  return {
    text: pieces.length === 0 ? null : frame(cwd, global, project, root ?? cwd, input.maxBytes),
    pieces: pieces.map(({ text: _, ...piece }) => piece),
    documents: pieces.map(({ kind, path, text }) => ({ kind, path, text })),
    root: root ?? cwd,
    // Paths come from the repository; the message is going to be shown on a terminal.
    warnings: warnings.map((warning) => ({ ...warning, message: oneLine(warning.message) })),
  };
}

async function readDirectories(
  root: string | null,
  cwd: string,
  input: LoadProjectDocsInput,
  fs: ProjectDocsFs,
): Promise<{ docs: DocFile[]; warnings: ProjectDocWarning[] }> {
  const names = [OVERRIDE_NAME, DOC_NAME, ...input.fallbackNames.filter(isFileName)];
  const perDirectory = await Promise.all(
    directoriesBetween(root, cwd).map(async (directory) => {
      const warnings: ProjectDocWarning[] = [];
      const doc = await readFirstDoc(
        [...new Set(names)].map((name) => join(directory, name)),
        {
          inside: root ?? cwd,
          mayRead: input.mayRead,
          limit: input.maxBytes,
          fs,
          warn: (warning) => warnings.push(warning),
        },
      );
      return { doc, warnings };
    }),
  );
  return {
    docs: perDirectory.flatMap(({ doc }) => doc ?? []),
    warnings: perDirectory.flatMap(({ warnings }) => warnings),
  };
}

function isFileName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[/\\\0]/.test(name);
}

function fit(docs: readonly DocFile[], budget: number, kind: ProjectDocPiece["kind"]): FittedDoc[] {
  const fitted = cutToBudget(
    docs.map((doc) => doc.text),
    budget,
  );
  return docs.map((doc, index) => {
    const { text, cutBytes } = fitted[index] ?? { text: "", cutBytes: 0 };
    return {
      kind,
      path: doc.path,
      text,
      bytes: Buffer.byteLength(text),
      cutBytes: cutBytes + doc.unreadBytes,
      removedCharacters: doc.removedCharacters,
    };
  });
}

function cutWarning(piece: ProjectDocPiece, maxBytes: number): ProjectDocWarning {
  const limit = piece.kind === "global" ? `${GLOBAL_DOC_MAX_BYTES}` : `project_doc_max_bytes = ${maxBytes}`;
  const message = `${piece.path}: ${piece.cutBytes} bytes were left out, ${piece.bytes} are shown to the model (limit: ${limit}).`;
  return { code: "cut", file: piece.path, cutBytes: piece.cutBytes, message };
}

function frame(
  cwd: string,
  global: FittedDoc[],
  project: FittedDoc[],
  root: string,
  maxBytes: number,
): string {
  const globalText = global.map((doc) => withNotice(doc, doc.path, GLOBAL_DOC_MAX_BYTES)).join("\n\n");
  const projectText = project.map((doc) => withNotice(doc, relative(root, doc.path), maxBytes)).join("\n\n");
  const divider = globalText !== "" && projectText !== "" ? "\n\n--- project-doc ---\n\n" : "";
  const body = `${globalText}${divider}${projectText}`;
  return `# AGENTS.md instructions for ${oneLine(cwd)}\n\n<INSTRUCTIONS>\n${body}\n</INSTRUCTIONS>`;
}

/** The document, with a word to the model where its end is missing. A closing tag inside it must not end the frame. */
function withNotice(doc: FittedDoc, name: string, limit: number): string {
  const text = doc.text.replace(/<\/(?=INSTRUCTIONS>)/gi, "<\\/");
  if (doc.cutBytes === 0) return text;
  const notice = `[${doc.cutBytes} bytes of ${oneLine(name)} are left out here: the limit is ${limit} bytes. Read the file for the rest.]`;
  return text === "" ? notice : `${text}\n${notice}`;
}

function oneLine(path: string): string {
  return path.replace(/[\p{Cc}\p{Default_Ignorable_Code_Point}]/gu, "\ufffd");
}
