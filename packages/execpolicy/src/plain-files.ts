/**
 * The part of this package that reads plain command lines, as `@quire/execpolicy/plain`: who only wants to show what a
 * command does need not load the classifier.
 */
export { literalText } from "./plain/plain-command.ts";
export { recognizePlain } from "./plain/recognize-plain.ts";
