import type { ResourceLimits } from "../policy.ts";

const FILE_SIZE_BLOCK = 512;

/**
 * Shell text that sets limits. A shell's own, because a shell starts faster than prlimit; one that exceeds what we may
 * set is left as low as it is.
 */
export function limitScript(limits: ResourceLimits): string {
  const { processes, fileSizeBytes, openFiles, memoryBytes } = limits;
  const set = (option: string, value: number): string => `ulimit -${option} ${value} 2>/dev/null`;
  return [
    // bash and busybox count processes with -u, dash with -p.
    ...(processes === undefined ? [] : [`${set("u", processes)} || ${set("p", processes)}`]),
    ...(fileSizeBytes === undefined ? [] : [set("f", Math.ceil(fileSizeBytes / FILE_SIZE_BLOCK))]),
    ...(openFiles === undefined ? [] : [set("n", openFiles)]),
    // Writable memory of each process by itself; unlike address space, it leaves JavaScript engines alive.
    ...(memoryBytes === undefined ? [] : [set("d", Math.ceil(memoryBytes / 1024))]),
    set("c", 0),
  ].join("\n");
}

/** Prefix that starts a program under the limits. `before` is shell text that comes first. */
export function limitCommand(sh: string, limits: ResourceLimits, before = ""): string[] {
  return [sh, "-c", `${before}${limitScript(limits)}\nexec "$@"`, sh];
}
