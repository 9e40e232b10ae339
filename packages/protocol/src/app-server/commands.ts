import * as z from "zod/mini";
import { maybe } from "./field.ts";
import { later } from "./later.ts";
import { SandboxPolicySchema } from "./settings.ts";

/** In character cells. */
export const TerminalSizeSchema = later(() => z.object({ rows: z.number(), cols: z.number() }));
export type TerminalSize = z.infer<typeof TerminalSizeSchema>;

/** A command of the client's, in a sandbox, of no thread. It ends with its request, so also with the connection. */
export const CommandExecParamsSchema = later(() =>
  z.object({
    command: z.array(z.string()).check(z.minLength(1)),
    /** The client's name of it, for `command/exec/write`, `resize` and `terminate`; needed for streams and terminals. */
    processId: maybe(z.string()),
    /** On a terminal, with both streams. What it shows comes as `stdout`. */
    tty: maybe(z.boolean()),
    /** Only with `tty`; 24 rows of 80 columns where it is left out. */
    size: maybe(TerminalSizeSchema),
    /** Its input comes by `command/exec/write`; without it the command reads end-of-file. */
    streamStdin: maybe(z.boolean()),
    /** Its output goes out as `command/exec/outputDelta`, and not with the answer. */
    streamStdoutStderr: maybe(z.boolean()),
    /** Of each stream; what is longer is cut. 1 MiB where it is left out, at most 16 MiB. */
    outputBytesCap: maybe(z.number().check(z.nonnegative())),
    /** For streams without an end; what comes with the answer is cut at 16 MiB all the same. */
    disableOutputCap: maybe(z.boolean()),
    disableTimeout: maybe(z.boolean()),
    /** Milliseconds; ten minutes where it is left out. The exit code is then 124. */
    timeoutMs: maybe(z.number().check(z.nonnegative())),
    cwd: maybe(z.string()),
    /** Added to the environment; null takes a variable away. */
    env: maybe(z.record(z.string(), z.nullable(z.string()))),
    sandboxPolicy: maybe(SandboxPolicySchema),
  }),
);
export type CommandExecParams = z.infer<typeof CommandExecParamsSchema>;
export const CommandExecResponseSchema = later(() =>
  z.object({ exitCode: z.number(), stdout: z.string(), stderr: z.string() }),
);
export type CommandExecResponse = z.infer<typeof CommandExecResponseSchema>;

/** Answered when the command has taken the bytes, or will not take any more. */
export const CommandExecWriteParamsSchema = later(() =>
  z.object({ processId: z.string(), deltaBase64: maybe(z.string()), closeStdin: maybe(z.boolean()) }),
);
export const CommandExecResizeParamsSchema = later(() =>
  z.object({ processId: z.string(), size: TerminalSizeSchema }),
);
export const CommandExecTerminateParamsSchema = later(() => z.object({ processId: z.string() }));

export const CommandExecOutputDeltaSchema = later(() =>
  z.object({
    processId: z.string(),
    stream: z.enum(["stdout", "stderr"]),
    deltaBase64: z.string(),
    /** With the last bytes of a stream that goes on beyond its cap. */
    capReached: z.boolean(),
  }),
);
