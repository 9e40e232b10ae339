/** How a declaration is recognised in the tree of a grammar. */
export interface DeclarationRule {
  kind: SymbolKind;
  /**
   * Where the name stands: in a field of the node, or at the end of a chain of declarators (C). `exported` takes only
   * assignments to `exports.NAME` and the like.
   */
  name: "name" | "type" | "left" | "declarator" | "exported" | "constant";
  /** Only counts with a body: in C, `struct a x;` declares no struct. */
  needsBody?: true;
}

export const SYMBOL_KINDS = [
  "class",
  "interface",
  "type",
  "enum",
  "function",
  "method",
  "constant",
  "module",
] as const;
export type SymbolKind = (typeof SYMBOL_KINDS)[number];

/** A language by its grammar: which nodes are gone into, which declare something. A node may do both. */
export interface Language {
  /** Name of the grammar file: `tree-sitter-NAME.wasm`. */
  grammar: string;
  enter: readonly string[];
  declare: Readonly<Record<string, DeclarationRule>>;
  /**
   * How a declaration is known to other files: `marked` stands in an export statement, `capital` begins with a capital
   * letter, `pub` says so, `underscore` does not begin with one, `not-private` is not said to be private or static.
   */
  exports: "marked" | "capital" | "pub" | "underscore" | "not-private" | "all";
}

const rule = (kind: SymbolKind, name: DeclarationRule["name"] = "name"): DeclarationRule => ({ kind, name });
const withBody = (kind: SymbolKind): DeclarationRule => ({ kind, name: "name", needsBody: true });

const JAVASCRIPT_ENTER = [
  "program",
  "export_statement",
  "class_declaration",
  "class_body",
  "lexical_declaration",
  "variable_declaration",
  "expression_statement",
];
const JAVASCRIPT_DECLARE = {
  class_declaration: rule("class"),
  function_declaration: rule("function"),
  generator_function_declaration: rule("function"),
  method_definition: rule("method"),
  variable_declarator: rule("constant"),
  assignment_expression: rule("function", "exported"),
};

const TYPESCRIPT = {
  enter: [
    ...JAVASCRIPT_ENTER,
    "abstract_class_declaration",
    "ambient_declaration",
    "internal_module",
    "module",
    "statement_block",
  ],
  declare: {
    ...JAVASCRIPT_DECLARE,
    abstract_class_declaration: rule("class"),
    abstract_method_signature: rule("method"),
    function_signature: rule("function"),
    interface_declaration: rule("interface"),
    type_alias_declaration: rule("type"),
    enum_declaration: rule("enum"),
    internal_module: rule("module"),
    module: rule("module"),
  },
};

const CPP: Language = {
  grammar: "cpp",
  exports: "not-private",
  enter: [
    "translation_unit",
    "namespace_definition",
    "declaration_list",
    "linkage_specification",
    "template_declaration",
    "preproc_if",
    "preproc_ifdef",
    "preproc_else",
    "preproc_elif",
    "class_specifier",
    "struct_specifier",
    "field_declaration_list",
    "type_definition",
    "declaration",
  ],
  declare: {
    function_definition: rule("function", "declarator"),
    declaration: rule("function", "declarator"),
    field_declaration: rule("method", "declarator"),
    class_specifier: withBody("class"),
    struct_specifier: withBody("class"),
    union_specifier: withBody("class"),
    enum_specifier: withBody("enum"),
    type_definition: rule("type", "declarator"),
    alias_declaration: rule("type"),
    concept_definition: rule("type"),
    namespace_definition: rule("module"),
    preproc_def: rule("constant"),
    preproc_function_def: rule("function"),
  },
};

const LANGUAGES = {
  typescript: { grammar: "typescript", exports: "marked", ...TYPESCRIPT },
  tsx: { grammar: "tsx", exports: "marked", ...TYPESCRIPT },
  javascript: {
    grammar: "javascript",
    exports: "marked",
    enter: JAVASCRIPT_ENTER,
    declare: JAVASCRIPT_DECLARE,
  },
  python: {
    grammar: "python",
    exports: "underscore",
    enter: [
      "module",
      "block",
      "decorated_definition",
      "class_definition",
      "if_statement",
      "else_clause",
      "elif_clause",
      "try_statement",
      "except_clause",
      "expression_statement",
    ],
    declare: {
      class_definition: rule("class"),
      function_definition: rule("function"),
      assignment: rule("constant", "constant"),
    },
  },
  go: {
    grammar: "go",
    exports: "capital",
    enter: ["source_file", "type_declaration", "const_declaration", "var_declaration", "var_spec_list"],
    declare: {
      function_declaration: rule("function"),
      method_declaration: rule("method"),
      type_spec: rule("type"),
      type_alias: rule("type"),
      const_spec: rule("constant"),
      var_spec: rule("constant"),
    },
  },
  rust: {
    grammar: "rust",
    exports: "pub",
    enter: ["source_file", "mod_item", "declaration_list", "impl_item", "trait_item", "foreign_mod_item"],
    declare: {
      function_item: rule("function"),
      function_signature_item: rule("function"),
      struct_item: rule("class"),
      enum_item: rule("enum"),
      union_item: rule("class"),
      trait_item: rule("interface"),
      impl_item: rule("module", "type"),
      mod_item: withBody("module"),
      const_item: rule("constant"),
      static_item: rule("constant"),
      type_item: rule("type"),
      macro_definition: rule("function"),
    },
  },
  java: {
    grammar: "java",
    exports: "not-private",
    enter: [
      "program",
      "class_declaration",
      "interface_declaration",
      "enum_declaration",
      "record_declaration",
      "class_body",
      "interface_body",
      "enum_body",
      "enum_body_declarations",
    ],
    declare: {
      class_declaration: rule("class"),
      interface_declaration: rule("interface"),
      enum_declaration: rule("enum"),
      record_declaration: rule("class"),
      annotation_type_declaration: rule("interface"),
      method_declaration: rule("method"),
      constructor_declaration: rule("method"),
    },
  },
  cpp: CPP,
  ruby: {
    grammar: "ruby",
    exports: "all",
    enter: ["program", "module", "class", "body_statement", "singleton_class"],
    declare: {
      module: rule("module"),
      class: rule("class"),
      method: rule("method"),
      singleton_method: rule("method"),
      assignment: rule("constant", "constant"),
    },
  },
  csharp: {
    grammar: "c-sharp",
    exports: "not-private",
    enter: [
      "compilation_unit",
      "namespace_declaration",
      "file_scoped_namespace_declaration",
      "declaration_list",
      "class_declaration",
      "struct_declaration",
      "interface_declaration",
      "record_declaration",
    ],
    declare: {
      namespace_declaration: rule("module"),
      class_declaration: rule("class"),
      struct_declaration: rule("class"),
      interface_declaration: rule("interface"),
      record_declaration: rule("class"),
      enum_declaration: rule("enum"),
      delegate_declaration: rule("type"),
      method_declaration: rule("method"),
      constructor_declaration: rule("method"),
      property_declaration: rule("constant"),
    },
  },
  php: {
    grammar: "php",
    exports: "not-private",
    enter: [
      "program",
      "namespace_definition",
      "compound_statement",
      "declaration_list",
      "class_declaration",
      "interface_declaration",
      "trait_declaration",
      "enum_declaration",
      "enum_declaration_list",
    ],
    declare: {
      class_declaration: rule("class"),
      interface_declaration: rule("interface"),
      trait_declaration: rule("class"),
      enum_declaration: rule("enum"),
      function_definition: rule("function"),
      method_declaration: rule("method"),
    },
  },
  bash: {
    grammar: "bash",
    exports: "all",
    enter: ["program", "if_statement"],
    declare: { function_definition: rule("function") },
  },
} as const satisfies Record<string, Language>;

/** A language whose declarations are understood. */
export type LanguageName = keyof typeof LANGUAGES;

/** All of them. */
export const LANGUAGE_NAMES = Object.keys(LANGUAGES) as LanguageName[]; // `keys` is typed for objects with more in them

/** The rules of a language. */
export function languageNamed(name: LanguageName): Language {
  return LANGUAGES[name];
}

const EXTENSIONS: Readonly<Record<string, LanguageName>> = {
  ts: "typescript",
  mts: "typescript",
  cts: "typescript",
  tsx: "tsx",
  js: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  jsx: "javascript",
  py: "python",
  pyi: "python",
  go: "go",
  rs: "rust",
  java: "java",
  c: "cpp",
  h: "cpp",
  cc: "cpp",
  cpp: "cpp",
  cxx: "cpp",
  hh: "cpp",
  hpp: "cpp",
  hxx: "cpp",
  rb: "ruby",
  rake: "ruby",
  cs: "csharp",
  php: "php",
  sh: "bash",
  bash: "bash",
};

/** By the file's extension; null for a language that is not understood. */
export function languageOfFile(path: string): LanguageName | null {
  const dot = path.lastIndexOf(".");
  if (dot <= path.lastIndexOf("/") + 1) return null;
  const extension = path.slice(dot + 1).toLowerCase();
  return Object.hasOwn(EXTENSIONS, extension) ? (EXTENSIONS[extension] ?? null) : null;
}
