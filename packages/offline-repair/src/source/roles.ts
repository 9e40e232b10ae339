import type { Language } from "./language.ts";

/**
 * What a piece of a program is, whatever its language. A row: the role, Python's node types, JavaScript's and
 * TypeScript's. What is in no row is "other"; anonymous nodes (operators, brackets, words) are "token".
 */
const TABLE = [
  ["name", "identifier", "identifier"],
  ["property", "", "property_identifier private_property_identifier"],
  ["attribute", "attribute", "member_expression"],
  ["call", "call", "call_expression new_expression"],
  ["arguments", "argument_list", "arguments"],
  ["subscript", "subscript", "subscript_expression"],
  ["slice", "slice", ""],
  // In JavaScript one node type is all three; the operator tells them apart.
  ["arithmetic", "binary_operator", "binary_expression"],
  ["comparison", "comparison_operator", ""],
  ["logic", "boolean_operator", ""],
  ["not", "not_operator", ""],
  ["unary", "unary_operator", "unary_expression"],
  ["ternary", "conditional_expression", "ternary_expression"],
  ["group", "parenthesized_expression", "parenthesized_expression"],
  ["number", "integer float", "number"],
  ["string", "string", "string"],
  ["constant", "true false none", "true false null undefined"],
  ["list", "list", "array"],
  ["mapping", "dictionary", "object"],
  ["tuple", "tuple expression_list pattern_list tuple_pattern", "array_pattern object_pattern"],
  ["comprehension", "list_comprehension generator_expression set_comprehension dictionary_comprehension", ""],
  ["filter", "if_clause", ""],
  ["await", "await", "await_expression"],
  ["yield", "yield", "yield_expression"],
  ["splat", "list_splat dictionary_splat list_splat_pattern", "spread_element rest_pattern"],
  ["keyword", "keyword_argument", ""],
  ["lambda", "lambda", ""],
  ["parameters", "parameters lambda_parameters", "formal_parameters"],
  [
    "function",
    "function_definition",
    "function_declaration function_expression arrow_function method_definition generator_function generator_function_declaration",
  ],
  ["assignment", "assignment", "assignment_expression variable_declarator"],
  ["augmented", "augmented_assignment", "augmented_assignment_expression"],
  ["update", "", "update_expression"],
  ["generator", "for_in_clause", ""],
  // Statements, first those without a body.
  ["expression", "expression_statement", "expression_statement"],
  ["declaration", "", "lexical_declaration variable_declaration"],
  ["return", "return_statement", "return_statement"],
  ["jump", "break_statement continue_statement pass_statement", "break_statement continue_statement"],
  ["raise", "raise_statement", "throw_statement"],
  ["simple", "assert_statement delete_statement global_statement nonlocal_statement", ""],
  ["if", "if_statement", "if_statement"],
  ["while", "while_statement", "while_statement do_statement"],
  ["for", "for_statement", "for_statement for_in_statement"],
  [
    "compound",
    "with_statement try_statement match_statement class_definition",
    "try_statement switch_statement class_declaration labeled_statement",
  ],
  [
    "clause",
    "elif_clause else_clause except_clause finally_clause case_clause",
    "else_clause catch_clause finally_clause switch_case switch_default",
  ],
  ["block", "block module ERROR", "statement_block program ERROR class_body"],
] as const;

export type Role = (typeof TABLE)[number][0] | "parameter" | "token" | "other";

/** What is never looked into: comments, imports, types, decorators. */
const IGNORED: Readonly<Record<"python" | "script", string>> = {
  python:
    "comment import_statement import_from_statement future_import_statement type decorator escape_sequence",
  script:
    "comment import_statement interface_declaration type_alias_declaration type_annotation type_arguments type_parameters " +
    "enum_declaration ambient_declaration predefined_type type_identifier hash_bang_line decorator extends_type_clause implements_clause",
};

const words = (text: string) => text.split(" ").filter((word) => word !== "");

function rolesOf(column: 1 | 2, ignored: string): ReadonlyMap<string, Role | null> {
  const rows = TABLE.flatMap((row) => words(row[column]).map((type): [string, Role] => [type, row[0]]));
  return new Map<string, Role | null>([
    ...rows,
    ...words(ignored).map((type): [string, null] => [type, null]),
  ]);
}
const PYTHON = rolesOf(1, IGNORED.python);
const SCRIPT = rolesOf(2, IGNORED.script);

/** The role of a node type; null for what is left out of the tree. */
export function roleOfType(type: string, language: Language): Role | null {
  const role = (language === "python" ? PYTHON : SCRIPT).get(type);
  return role === undefined ? "other" : role;
}

/** The roles that an operator decides. */
export function roleOfOperator(operator: string): Role | undefined {
  if (/^(&&|\|\||\?\?)$/.test(operator)) return "logic";
  if (/^([<>]=?|[=!]==?|in|instanceof)$/.test(operator)) return "comparison";
  return operator === "!" ? "not" : undefined;
}

const SIMPLE: readonly Role[] = ["expression", "declaration", "return", "jump", "raise", "simple"];
const COMPOUND: readonly Role[] = ["if", "while", "for", "compound", "function"];

/** A statement that holds no others, so that it can be taken out or moved as it is. */
export const isSimple = ({ role }: { role: Role }): boolean => SIMPLE.includes(role);
/** A statement with statements in it. */
export const isCompound = ({ role }: { role: Role }): boolean => COMPOUND.includes(role);

const PLAIN: readonly Role[] = [
  "name",
  "attribute",
  "call",
  "subscript",
  "group",
  "number",
  "string",
  "constant",
  "list",
];

/** A value that keeps together beside any operator. */
export const isPlain = ({ role }: { role: Role }): boolean => PLAIN.includes(role);
