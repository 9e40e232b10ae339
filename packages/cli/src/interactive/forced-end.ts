import { CodedError } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import type { System } from "../system.ts";

/** Why the interface had to end although the user did not ask for it. */
export type ForcedEnd = { kind: "signal"; signal: NodeJS.Signals } | { kind: "fault"; error: unknown };

/** Watches for signals and for errors that nothing has caught, so that the terminal is put back before the process ends. */
export function watchForEnd(system: Pick<System, "onStop" | "onFault" | "stdin">) {
  const controller = new AbortController();
  const input = new AbortController();
  let first: ForcedEnd | null = null;
  let onInterrupt: (() => void) | null = null;
  const end = (reason: ForcedEnd) => {
    first ??= reason;
    controller.abort();
  };
  const stopListening = system.onStop((signal) => {
    if (signal === "SIGINT" && onInterrupt !== null) onInterrupt();
    else end({ kind: "signal", signal });
  });
  const onInputEnd = () => input.abort();
  system.stdin.once("end", onInputEnd);
  const stopWatching = system.onFault((error) => end({ kind: "fault", error }));
  return {
    signal: controller.signal,
    inputEnded: input.signal,
    /** Ctrl-C is somebody else's until the returned function is called. */
    onInterrupt(listener: () => void): () => void {
      onInterrupt = listener;
      return () => {
        onInterrupt = null;
      };
    },
    /** Null while nothing forces an end. */
    end: (): ForcedEnd | null => first,
    /** May be called twice. */
    close() {
      stopListening();
      system.stdin.off("end", onInputEnd);
      stopWatching();
    },
  };
}

const SIGNAL_NUMBERS: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGTERM: 15,
};

/** As shells say it: 128 and the signal's number. A fault is shown as any other failure. */
export function exitCodeOfEnd(end: ForcedEnd | null): number {
  if (end === null) return EXIT.done;
  if (end.kind === "signal") return 128 + (SIGNAL_NUMBERS[end.signal] ?? 15);
  const message = end.error instanceof Error ? end.error.message : String(end.error);
  throw new CodedError("internal", message, { cause: end.error });
}
