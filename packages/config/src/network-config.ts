import { type ProfileInForce, profileProblems } from "./permission-profile.ts";
import type { NetworkConfig, NetworkCredentialConfig } from "./quire-config.ts";
import { copyRecord, mapRecord } from "./record.ts";
import type { ConfigFile } from "./schema/config-file.ts";
import { isTable } from "./table.ts";

type NetworkTable = NonNullable<ConfigFile["network"]>;
type CredentialTable = NonNullable<NetworkTable["credentials"]>[string];
type Domains = Readonly<Record<string, unknown>>;

const WORDS = new Set<unknown>(["allow", "deny"]);

/** Problems that the schema cannot express. */
export function networkConflicts(file: ConfigFile): { path: string[]; problem: string }[] {
  const codex = codexDomains(file);
  const wrong = Object.entries(codex).filter(([, word]) => !WORDS.has(word));
  return [
    ...profileProblems(file),
    ...wrong.map(([host]) => ({
      path: ["features", "network_proxy", "domains", host],
      problem: 'must be "allow" or "deny"',
    })),
    ...Object.entries(file.network?.credentials ?? {}).flatMap(([host, table]) =>
      credentialProblems(table).map((problem) => ({ path: ["network", "credentials", host], problem })),
    ),
  ];
}

function credentialProblems(table: CredentialTable): string[] {
  if (table.header === undefined) return ["needs header, the name of the header that carries the value"];
  if ((table.env === undefined) === (table.command === undefined)) {
    return [
      "needs exactly one of env (the name of a variable) and command (a program that prints the value)",
    ];
  }
  return table.command?.length === 0 ? ["has an empty command"] : [];
}

/**
 * The hosts that commands may reach. Codex's `[features.network_proxy]` and the permission profile are read as well; a
 * host that several name is decided by ours first, by the profile last. `enabled` follows from the rules unless it is
 * said. Of a profile that is not in force only what it denies is kept.
 */
export function normaliseNetwork(file: ConfigFile, profile: ProfileInForce): NetworkConfig {
  const feature = file.features?.network_proxy;
  const own = file.network;
  const featureIsOn =
    feature === undefined ? undefined : isTable(feature) ? feature.enabled !== false : feature;
  const said = { ...codexDomains(file), ...own?.domains };
  const words = Object.entries({ ...profile.domains, ...said });
  const enabled = own?.enabled ?? featureIsOn ?? (profile.isOpen ? words : Object.keys(said)).length > 0;
  const allowing = profile.isOpen ? words : Object.entries(said);
  return {
    enabled,
    allow: allowing.flatMap(([host, word]) => (word === "allow" ? patternsOf(host) : [])),
    deny: words.flatMap(([host, word]) => (word === "deny" ? patternsOf(host) : [])),
    askAboutOthers: own?.unknown_hosts !== "deny",
    credentials: mapRecord(own?.credentials, normaliseCredential),
  };
}

/** Codex writes `**.example.com` for a host and everything below it. */
function patternsOf(host: string): string[] {
  return host.startsWith("**.") ? [host.slice(3), host.slice(1)] : [host];
}

function codexDomains(file: ConfigFile): Domains {
  const feature = file.features?.network_proxy;
  return isTable(feature) && isTable(feature.domains) ? copyRecord(feature.domains) : {};
}

function normaliseCredential(table: CredentialTable, host: string): NetworkCredentialConfig {
  return {
    host,
    header: table.header ?? "",
    prefix: table.prefix ?? "",
    port: table.port ?? 443,
    source:
      table.env === undefined
        ? { kind: "command", command: table.command ?? [] }
        : { kind: "env", name: table.env },
  };
}
