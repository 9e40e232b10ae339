import { CodedError, type UserInput } from "@quire/protocol";
import type { TurnStartParams } from "@quire/protocol/app-server";
import type { TurnOverrides } from "../engine.ts";
import type { LoadedThread } from "../threads/loaded-thread.ts";
import type { LoadedThreads } from "../threads/loaded-threads.ts";
import { startedTurnView } from "../wire/turn-view.ts";
import type { Handlers } from "./handlers.ts";

const HOUR_MS = 60 * 60_000;

/** One request of the user: beginning, adding to it, ending it early. */
export function turnMethods(
  loaded: LoadedThreads,
): Handlers<"turn/start" | "turn/steer" | "turn/interrupt" | "thread/shellCommand" | "thread/inject_items"> {
  return {
    async "thread/shellCommand"({ threadId, command, timeoutMs }, call) {
      const thread = loaded.get(threadId);
      loaded.join(thread, call.connection);
      call.afterwards(thread.hold());
      const limit = timeoutMs ?? HOUR_MS;
      if (thread.runningTurnId !== null) thread.engine.startShellCommandBeside(command, limit);
      else await thread.begin((engine) => engine.startShellCommand(command, limit));
      return {};
    },
    "thread/inject_items"({ threadId, items }) {
      const thread = loaded.get(threadId);
      requireIdle(thread);
      thread.engine.inject(items);
      return {};
    },
    async "turn/start"(params, call) {
      const thread = loaded.get(params.threadId);
      if (params.input.length === 0 && !thread.engine.unfinished) throw emptyInput();
      requireIdle(thread);
      loaded.join(thread, call.connection);
      call.afterwards(thread.hold());
      const overrides = overridesOf(params);
      if (Object.keys(overrides).length > 0) await thread.change(overrides);
      const { outputSchema, limits, clientUserMessageId: clientId } = params;
      const running = await thread.begin((engine) =>
        engine.startTurn(inputOf(params.input), {
          ...(outputSchema == null ? {} : { outputSchema }),
          ...(limits == null ? {} : { limits }),
          ...(clientId == null ? {} : { clientId }),
        }),
      );
      return { turn: startedTurnView(running.id) };
    },
    async "turn/steer"({ threadId, expectedTurnId, input, clientUserMessageId }) {
      const running = loaded.get(threadId).expectRunning(expectedTurnId, "steer");
      if (input.length === 0) throw emptyInput();
      await running.steer(inputOf(input), clientUserMessageId ?? undefined);
      return { turnId: running.id };
    },
    "turn/interrupt"({ threadId, turnId }) {
      loaded.get(threadId).expectRunning(turnId, "interrupt").interrupt();
      return {};
    },
  };
}

/** Fails with `thread_busy` while a turn runs. */
export function requireIdle({ id, runningTurnId }: LoadedThread): void {
  if (runningTurnId === null) return;
  throw new CodedError("thread_busy", `thread ${id} is working on turn ${runningTurnId}`, {
    nextStep: "Add to it with turn/steer, or wait for turn/completed.",
  });
}

export function emptyInput(): CodedError {
  return new CodedError("prompt_empty", "the input of the turn is empty", {
    nextStep: 'Send at least one part: [{"type":"text","text":"…"}]',
  });
}

/** What a client's interface marked in a text is the client's own. */
export function inputOf(input: TurnStartParams["input"]): UserInput[] {
  return input.map((part) => (part.type === "text" ? { type: "text", text: part.text } : part));
}

/** Null and absent mean the same to clients; the engine only knows absent. */
export function overridesOf(params: Omit<TurnStartParams, "input">): TurnOverrides {
  const { cwd, approvalPolicy, sandboxPolicy, summary, collaborationMode } = params;
  const { mode, settings } = collaborationMode ?? {};
  const model = settings?.model ?? params.model;
  // In plan mode the effort is the mode's; otherwise it is the thread's.
  const effort = mode === "default" ? (settings?.reasoning_effort ?? params.effort) : params.effort;
  return {
    ...(cwd == null ? {} : { cwd }),
    ...(approvalPolicy == null ? {} : { approvalPolicy }),
    ...(sandboxPolicy == null ? {} : { sandboxPolicy }),
    ...(model == null ? {} : { model }),
    ...(effort == null ? {} : { effort }),
    ...(summary == null ? {} : { summary }),
    ...(mode === undefined
      ? {}
      : {
          mode: {
            kind: mode,
            instructions: settings?.developer_instructions ?? null,
            effort: settings?.reasoning_effort ?? null,
          },
        }),
  };
}
