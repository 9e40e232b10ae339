/**
 * Lark grammar of the patch format, for model providers that constrain a freeform tool by grammar.
 * Every terminal is at least one character long and nothing looks ahead, so that the simple engines take it.
 */
export const APPLY_PATCH_GRAMMAR = `start: BEGIN section+ END

section: added | deleted | updated
added: "*** Add File: " NAME NL PLUS*
deleted: "*** Delete File: " NAME NL
updated: "*** Update File: " NAME NL moved? body
moved: "*** Move to: " NAME NL

body: (unmarked | marked) marked*
unmarked: line+ EOF_MARK?
marked: MARKER+ line+ EOF_MARK?
line: PLUS | MINUS | KEPT

BEGIN: "*** Begin Patch" NL
END: "*** End Patch" NL?
EOF_MARK: "*** End of File" NL
MARKER: "@@" (" " REST)? NL
PLUS: "+" REST? NL
MINUS: "-" REST? NL
KEPT: " " REST? NL
NAME: /[^\\r\\n]+/
REST: /[^\\n]+/
NL: /\\r?\\n/
`;
