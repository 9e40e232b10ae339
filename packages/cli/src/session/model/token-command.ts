import { execFile } from "node:child_process";
import type { ModelProviderConfig } from "@quire/config";
import { CodedError } from "@quire/protocol";

/** Runs the program that prints a provider's token. The token is returned and goes nowhere else. */
export function runTokenCommand(
  auth: NonNullable<ModelProviderConfig["auth"]>,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      auth.command,
      [...auth.args],
      {
        ...(auth.cwd === null ? {} : { cwd: auth.cwd }),
        timeout: auth.timeoutMs,
        signal,
        maxBuffer: 64 * 1024,
      },
      (cause, stdout) => {
        const token = stdout.trim();
        if (!cause && token !== "") {
          resolve(token);
          return;
        }
        reject(
          new CodedError(
            "model_unauthorized",
            cause
              ? `the token command ${auth.command} failed`
              : `the token command ${auth.command} printed nothing`,
            { nextStep: "Run it by hand, then correct `auth` of this provider in config.toml." },
          ),
        );
      },
    );
  });
}
