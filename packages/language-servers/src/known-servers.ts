/** A server that may be started. */
export interface LanguageServer {
  /** For the user and the model. */
  name: string;
  command: string;
  args: readonly string[];
  /** Without the dot, in lower case. */
  extensions: readonly string[];
}

/** Servers that people have, the better one of two for the same files first. */
export const KNOWN_SERVERS: readonly LanguageServer[] = [
  {
    name: "typescript",
    command: "typescript-language-server",
    args: ["--stdio"],
    extensions: ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"],
  },
  { name: "basedpyright", command: "basedpyright-langserver", args: ["--stdio"], extensions: ["py", "pyi"] },
  { name: "pyright", command: "pyright-langserver", args: ["--stdio"], extensions: ["py", "pyi"] },
  { name: "gopls", command: "gopls", args: [], extensions: ["go"] },
  { name: "rust-analyzer", command: "rust-analyzer", args: [], extensions: ["rs"] },
  {
    name: "clangd",
    command: "clangd",
    args: ["--background-index=false"],
    extensions: ["c", "h", "cc", "cpp", "cxx", "hh", "hpp", "hxx"],
  },
];

const LANGUAGE_IDS: Readonly<Record<string, string>> = {
  ts: "typescript",
  mts: "typescript",
  cts: "typescript",
  tsx: "typescriptreact",
  js: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  jsx: "javascriptreact",
  py: "python",
  pyi: "python",
  rs: "rust",
  c: "c",
  h: "c",
  cc: "cpp",
  cpp: "cpp",
  cxx: "cpp",
  hh: "cpp",
  hpp: "cpp",
  hxx: "cpp",
  rb: "ruby",
  cs: "csharp",
  sh: "shellscript",
};

/** In lower case and without the dot; empty when there is none. */
export function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? "" : name.slice(dot + 1).toLowerCase();
}

/** The protocol's name of a language; where it has none that we know, the extension. */
export function languageIdOf(path: string): string {
  const extension = extensionOf(path);
  return Object.hasOwn(LANGUAGE_IDS, extension) ? (LANGUAGE_IDS[extension] ?? extension) : extension;
}
