import path from "node:path";
import type { Client } from "@quire/client";
import { resolveHome } from "@quire/config";
import { findLastThread, findThread } from "@quire/core";
import { CodedError, type UserInput } from "@quire/protocol";
import type {
  ThreadResumeResponse,
  ThreadStartParams,
  ThreadStartResponse,
} from "@quire/protocol/app-server";
import { asCodedError, openLocalDoor } from "../engine/local-door.ts";
import { workingDirectory } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { styleFor } from "../terminal/style.ts";
import { VERSION } from "../version.ts";
import { isManaged } from "../worktree/worktrees-folder.ts";
import { announce } from "./announce.ts";
import { beginTurn, needsNoPrompt, reviewTarget } from "./begin-turn.ts";
import { conclude } from "./conclude.ts";
import type { ExecArguments } from "./exec-arguments.ts";
import { engineBase, threadOverrides } from "./exec-base.ts";
import { readOutputSchema } from "./output-schema.ts";
import { readPrompt } from "./prompt.ts";
import { runToEnd } from "./run-to-end.ts";
import { refuseOutsideRepository, withReadableImages } from "./sdk-lines.ts";
import { warnOfUnknownFeatures } from "./unknown-features.ts";

/** What every step of a run needs. */
export interface Run {
  args: ExecArguments;
  system: System;
  style: ReturnType<typeof styleFor>;
  client: Client;
}

/** Streamed pieces that a run does not show; what they say comes again in a whole item. */
const UNSHOWN = [
  "item/agentMessage/delta",
  "item/reasoning/summaryTextDelta",
  "item/reasoning/summaryPartAdded",
];

/** One headless run, from arguments to exit code. */
export async function execute(args: ExecArguments, system: System): Promise<number> {
  const { action } = args;
  if (action.kind === "review" && args.outputSchemaFile !== null) {
    throw new CodedError(
      "usage_invalid",
      "--output-schema does not go with a review, which has its own form",
    );
  }
  const home = await resolveHome(system.env, system.homeDir);
  const cwd = workingDirectory(system.cwd, args.cwd);
  if (args.forSdk && !args.skipGitRepoCheck) refuseOutsideRepository(cwd);
  warnOfUnknownFeatures(args, system);
  const written = await promptOf(args, system);
  const prompt = written?.trimStart().startsWith("/prompts:")
    ? (await import("../plugins/saved-prompts.ts")).expandPromptCall(written, home)
    : written;
  if (action.kind === "review") {
    const { requireTarget } = await import("../review/require-target.ts");
    await requireTarget(reviewTarget(action, prompt), { cwd, system, home });
  }
  const outputSchema = args.outputSchemaFile === null ? undefined : readOutputSchema(args.outputSchemaFile);
  const door = await openLocalDoor(engineBase(args, system, home), {
    clientInfo: { name: "quire", version: VERSION },
    capabilities: {
      optOutNotificationMethods: args.outputDeltas
        ? UNSHOWN
        : [...UNSHOWN, "item/commandExecution/outputDelta"],
    },
  });
  const run: Run = { args, system, style: styleFor(system, args.color), client: door.client };
  try {
    const place = args.worktree ? await newWorktree(run, home, cwd) : null;
    const opened = await openThread(run, home, place?.cwd ?? cwd);
    place?.assign(opened.thread.id);
    const goesOn = opened.unfinished === true || needsNoPrompt(args);
    if (action.kind === "resume" && prompt === null && !goesOn) throw nothingToGoOnWith();
    announce(run, opened);
    const given = args.images.map((image) => localImage(path.resolve(system.cwd, image)));
    const images = args.forSdk ? await withReadableImages(given) : given;
    const input = { prompt, images, ...(outputSchema === undefined ? {} : { outputSchema }) };
    const ended = await runToEnd(run, opened, () => beginTurn(run, opened, input));
    return await conclude(run, opened, ended);
  } catch (thrown) {
    throw asCodedError(thrown);
  } finally {
    await door.close();
  }
}

async function openThread(
  { args, client }: Run,
  home: string,
  cwd: string,
): Promise<ThreadStartResponse | ThreadResumeResponse> {
  const { action, ephemeral } = args;
  const params: ThreadStartParams = { ...threadOverrides(args), cwd, limits: args.limits };
  switch (action.kind) {
    case "resume": {
      const stored =
        action.thread === null
          ? findLastThread(home, action.all ? null : cwd)
          : findThread(home, action.thread);
      const threadId = stored.id;
      const own = args.cwd === null && isManaged(home, stored.cwd);
      if (own) params.cwd = workingDirectory(cwd, stored.cwd);
      return client.request("thread/resume", {
        ...params,
        threadId,
        excludeTurns: true,
        excludeHistory: true,
      });
    }
    case "fork":
      return client.request("thread/fork", {
        ...params,
        threadId: findThread(home, action.thread).id,
        ephemeral,
        excludeTurns: true,
      });
    default:
      return client.request("thread/start", { ...params, ephemeral });
  }
}

/** A checkout of its own for a new thread; what is not committed stays where it is. */
async function newWorktree({ system }: Run, home: string, from: string) {
  const { assignThread, createWorktree } = await import("../worktree/managed-worktrees.ts");
  const { worktree, cwd } = await createWorktree(system, home, from);
  system.stderr.write(
    `worktree ${worktree.path} (HEAD of ${worktree.repository}, uncommitted changes left there)\n`,
  );
  return { cwd, assign: (thread: string) => assignThread(worktree, thread) };
}

function nothingToGoOnWith(): CodedError {
  return new CodedError(
    "prompt_empty",
    "the last turn of this thread is complete, so there is nothing to go on with",
    { nextStep: 'Say what to do next: quire exec resume --last "…"' },
  );
}

function localImage(path: string): UserInput {
  return { type: "localImage", path };
}

/** A review without words is complete: only `-` makes it read stdin. */
async function promptOf(args: ExecArguments, system: System): Promise<string | null> {
  const { action, prompt } = args;
  if (action.kind === "review" && prompt !== "-") return prompt;
  const optional = action.kind === "resume" || needsNoPrompt(args);
  return readPrompt({ argument: prompt, optional }, system);
}
