/**
 * What a server is doing. `known`: what it offers is known from an earlier time, and a call starts it. `ended`: it ran, and
 * a call starts it again.
 */
export type McpServerState =
  | { readonly kind: "disabled" }
  | { readonly kind: "known" }
  | { readonly kind: "starting" }
  | { readonly kind: "ready"; readonly malformedTools: number }
  | { readonly kind: "ended"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string; readonly needsSignIn?: boolean };

/** What a server says of itself when it is greeted. */
export interface McpServerFacts {
  readonly name: string;
  readonly version: string;
  /** As the protocol words them: `tools`, `resources`, `prompts`, … */
  readonly capabilities: Readonly<Record<string, unknown>>;
}

export function describeState(state: McpServerState): string {
  switch (state.kind) {
    case "failed":
    case "ended":
      return state.message;
    case "disabled":
      return "it is disabled";
    default:
      return "it is still starting";
  }
}
