export { createOfflineRepairClient, type OfflineRepairDeps } from "./client.ts";
export { ANSWER_HEADER, answerKind, isDeclined } from "./flow/answer.ts";
export type { AnswerKind } from "./flow/step.ts";
