import { isWithin } from "@quire/protocol";
import type { Denial } from "./command.ts";
import type { ProcessEnd } from "./process/process-lifetime.ts";

const EVIDENCE_LENGTH = 300;
const MOST_DENIALS = 5;

/** Phrases of the C library and of common runtimes, most specific first. */
const SIGNS: ReadonlyArray<readonly [Denial["kind"], RegExp]> = [
  ["write", /read-only file system|\bEROFS\b/i],
  [
    "network",
    /network is unreachable|could not resolve (?:host|proxy)|temporary failure in name resolution|name or service not known|getaddrinfo|\bENETUNREACH\b|\bEAI_AGAIN\b|\bEAFNOSUPPORT\b|address family not supported|failed to lookup address|\btunnel.*\b403\b|\b403\b.*from proxy|was not contacted: /i,
  ],
  [
    "process-limit",
    /fork: (?:retry: )?resource temporarily unavailable|can(?:not|'t) fork|pthread_create.*EAGAIN/i,
  ],
  ["file-size", /file size limit exceeded|file too large|\bEFBIG\b/i],
  ["read", /permission denied|\bEACCES\b|PermissionError/i],
  ["system-call", /operation not permitted|\bEPERM\b/i],
];

/** Reads the end of a failed command's output for signs that the sandbox refused something. */
export function guessDenials(end: ProcessEnd, output: string, writableRoots: readonly string[]): Denial[] {
  if (end.kind === "exited" && end.code === 0) return [];
  if (end.kind === "signaled" && end.signal === "SIGXFSZ") {
    return [{ kind: "file-size", evidence: "the command was ended by SIGXFSZ" }];
  }
  const denials: Denial[] = [];
  for (const line of output.split("\n")) {
    const sign = SIGNS.find(([, expression]) => expression.test(line));
    if (sign === undefined) continue;
    const denial = describe(sign[0], line, writableRoots);
    if (denial && !denials.some((other) => other.evidence === denial.evidence)) denials.push(denial);
    if (denials.length === MOST_DENIALS) break;
  }
  return denials;
}

function describe(kind: Denial["kind"], line: string, writableRoots: readonly string[]): Denial | undefined {
  const evidence = line.trim().slice(0, EVIDENCE_LENGTH);
  const path = /(?:^|[\s'"‘`(:])(\/[^\s'"’`:)]+)/.exec(line)?.[1];
  // Inside a writable folder an ordinary permission error is the program's own business.
  const ordinary =
    kind === "read" && path !== undefined && writableRoots.some((root) => isWithin(path, root));
  if (ordinary) return undefined;
  return path === undefined ? { kind, evidence } : { kind, path, evidence };
}
