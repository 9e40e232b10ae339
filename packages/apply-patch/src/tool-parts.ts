/**
 * What a tool needs before any patch arrives, as `@quire/apply-patch/tool`: the grammar it is offered with and the guard
 * of its paths. The rest of the package is loaded with the first patch.
 */
export { APPLY_PATCH_GRAMMAR } from "./grammar.ts";
export { createPathGuard, type PathGuard } from "./path-guard.ts";
