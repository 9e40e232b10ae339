import { conversationCases } from "./conversation-cases.ts";
import { failureCases } from "./failure-cases.ts";
import { requestCases } from "./request-cases.ts";
import { silenceCases } from "./silence-cases.ts";
import type { ConformanceSubject } from "./subject.ts";
import { textCases } from "./text-cases.ts";
import { toolCallCases } from "./tool-call-cases.ts";

/** Registers the cases that every provider must pass. Call it at the top level of a test file. */
export function providerConformance(name: string, subject: ConformanceSubject): void {
  textCases(name, subject);
  failureCases(name, subject);
  silenceCases(name, subject);
  requestCases(name, subject);
  if (!subject.conversations) return;
  toolCallCases(name, subject);
  conversationCases(name, subject);
}
