import { BubblewrapSandbox } from "./bubblewrap/bubblewrap-sandbox.ts";
import type { SandboxUnavailable } from "./command.ts";
import type { SandboxDeps } from "./deps.ts";
import { DirectSandbox } from "./direct/direct-sandbox.ts";
import { compileRules } from "./network-proxy/rules.ts";
import type { SandboxMode, SandboxPolicy } from "./policy.ts";
import { writableRoots } from "./protect/writable-roots.ts";
import type { Sandbox } from "./sandbox.ts";

/**
 * A sandbox for the policy on this platform. A policy that cannot be enforced yields one whose commands are all
 * `unavailable`. Call from the main thread: the kernel ends commands with the thread that started them.
 */
export function createSandbox(policy: SandboxPolicy, deps: SandboxDeps): Sandbox {
  const rules = networkProblem(policy);
  if (rules) return unavailable(policy.mode, rules);
  if (policy.mode === "danger-full-access" || policy.mode === "external-sandbox")
    return new DirectSandbox(policy, deps);
  const roots = writableRoots(policy, deps);
  if (roots.kind === "refused") return unavailable(policy.mode, roots.reason);
  if (deps.platform === "linux") return new BubblewrapSandbox(policy, deps, roots.roots);
  return unavailable(policy.mode, {
    code: "platform-unsupported",
    cause: `commands cannot be confined on ${deps.platform}`,
    remedy: 'use Linux (WSL 2 on Windows), or a container with sandbox mode "external-sandbox"',
  });
}

/** Rules that cannot be kept must not look as if they were. */
function networkProblem({ mode, network }: SandboxPolicy): SandboxUnavailable | undefined {
  if (typeof network !== "object") return undefined;
  const code = "network-rules-invalid";
  if (mode === "danger-full-access" || mode === "external-sandbox") {
    const cause = `network rules cannot be enforced in sandbox mode ${JSON.stringify(mode)}`;
    return { code, cause, remedy: "drop the rules, or choose read-only or workspace-write" };
  }
  const compiled = compileRules(network.proxy);
  if (compiled.kind === "compiled") return undefined;
  return { code, cause: compiled.problems.join("; "), remedy: "correct the rules" };
}

function unavailable(mode: SandboxMode, reason: SandboxUnavailable): Sandbox {
  return {
    status: { mode, backend: "none", state: { kind: "unavailable", reason }, weaknesses: [] },
    start: () => Promise.resolve({ kind: "unavailable", reason }),
    prewarm: () => undefined,
    close: () => Promise.resolve(),
  };
}
