import fs from "node:fs";
import path from "node:path";
import { makeFolder, writeFault } from "@quire/evals";
import { CodedError } from "@quire/protocol";
import * as z from "zod/mini";

/** What makes two runs the same, so that the one may go on where the other was stopped. */
export type RunDescription = Readonly<Record<string, string | number | null>>;

const DescriptionSchema = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));
const FILE = "run.json";

/**
 * Makes the folder of a run, or opens it again: `run.json` in it says what the run is, and what differs from that fails
 * with `usage_invalid`, because rows of another model or data set would be counted as this one's. What the file does not
 * say yet is added.
 */
export function openRunFolder(folder: string, description: RunDescription): void {
  const file = path.join(folder, FILE);
  const before = readDescription(file);
  for (const [name, value] of Object.entries(description)) {
    const earlier = before[name];
    if (earlier === undefined || earlier === value) continue;
    const what = `${folder} holds a run with another ${name}: ${JSON.stringify(earlier)}, not ${JSON.stringify(value)}`;
    throw new CodedError("usage_invalid", what, {
      nextStep: "Give another folder with --out, or go on with what that run had.",
    });
  }
  try {
    makeFolder(path.resolve(folder));
    const partial = `${file}.partial`;
    fs.writeFileSync(partial, `${JSON.stringify({ ...before, ...description }, null, 2)}\n`);
    fs.renameSync(partial, file);
  } catch (cause) {
    throw writeFault(folder, cause);
  }
}

function readDescription(file: string): RunDescription {
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch {
    // A new folder, or one that cannot be used, which writing to it tells.
    return {};
  }
  const parsed = DescriptionSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new CodedError("usage_invalid", `${file} does not say which run this folder holds`, {
    nextStep:
      "Give another folder with --out, or remove the file when the rows beside it are of this very run.",
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema refuses it.
    return undefined;
  }
}
