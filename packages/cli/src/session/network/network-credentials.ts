import { execFile } from "node:child_process";
import type { NetworkCredentialConfig } from "@quire/config";
import { CodedError } from "@quire/protocol";
import type { System } from "../../system.ts";

/** A value that only the network proxy uses. */
export interface NetworkCredential {
  readonly host: string;
  readonly header: string;
  readonly prefix: string;
  readonly port: number;
  /** A secret. */
  readonly value: string;
}

const COMMAND_LIMITS = { timeout: 20_000, maxBuffer: 64 * 1024 };

/** Fetches the values, from our environment or from the user's programs. Fails with `config_invalid`. */
export function readNetworkCredentials(
  credentials: Readonly<Record<string, NetworkCredentialConfig>>,
  system: Pick<System, "env">,
): Promise<NetworkCredential[]> {
  return Promise.all(
    Object.values(credentials).map(async ({ host, header, prefix, port, source }) => {
      const value =
        source.kind === "env"
          ? fromEnvironment(host, source.name, system)
          : await fromCommand(host, source.command);
      return { host, header, prefix, port, value };
    }),
  );
}

function fromEnvironment(host: string, name: string, { env }: Pick<System, "env">): string {
  const value = env[name]?.trim() ?? "";
  if (value !== "") return value;
  throw new CodedError(
    "config_invalid",
    `the network credential for ${host} is missing: ${name} is not set`,
    {
      nextStep: `Set ${name}, or correct network.credentials in config.toml.`,
    },
  );
}

function fromCommand(host: string, [program = "", ...args]: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, COMMAND_LIMITS, (cause, stdout) => {
      const value = stdout.trim();
      if (!cause && value !== "") {
        resolve(value);
        return;
      }
      const what = cause ? "failed" : "printed nothing";
      reject(
        new CodedError(
          "config_invalid",
          `the network credential for ${host} is missing: ${program} ${what}`,
          {
            nextStep: "Run the program by hand, then correct network.credentials in config.toml.",
          },
        ),
      );
    });
  });
}
