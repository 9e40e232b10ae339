import { readFile } from "node:fs/promises";
import type { Agent } from "node:http";
import https from "node:https";
import tls from "node:tls";
import { CodedError } from "@quire/protocol";

export interface AgentWish {
  /** PEM file of authorities that are trusted besides the usual ones. */
  file: string | null;
  proxy: URL | null;
  /** Whether the endpoint itself speaks TLS. */
  secure: boolean;
}

/** Connections by way of a proxy, with certificates of our own authorities, or both. */
export async function openModelAgent({ file, proxy, secure }: AgentWish): Promise<Agent | null> {
  const own = file === null ? {} : { ca: [...tls.rootCertificates, await readAuthorities(file)] };
  if (proxy?.protocol.startsWith("socks")) {
    const { SocksProxyAgent } = await import("socks-proxy-agent");
    const agent = new SocksProxyAgent(proxy, { keepAlive: true });
    Object.assign(agent.options, own);
    return agent;
  }
  if (proxy !== null) {
    const { HttpsProxyAgent } = await import("https-proxy-agent");
    const agent = new HttpsProxyAgent(proxy, { keepAlive: true, ...own });
    // What it is made with is for the proxy's own certificate; these are for the endpoint behind it.
    Object.assign(agent.options, own);
    return agent;
  }
  return secure ? new https.Agent({ keepAlive: true, scheduling: "lifo", ...own }) : null;
}

async function readAuthorities(file: string): Promise<string> {
  let pem: string;
  try {
    pem = await readFile(file, "utf8");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw unusable(file, why, cause);
  }
  if (!pem.includes("-----BEGIN CERTIFICATE-----")) throw unusable(file, "it holds no PEM certificate");
  return pem;
}

function unusable(file: string, why: string, cause?: unknown): CodedError {
  return new CodedError("config_invalid", `the certificate file ${file} cannot be used: ${why}`, {
    cause,
    nextStep: "Correct ca_certificate of the provider, CODEX_CA_CERTIFICATE or SSL_CERT_FILE.",
  });
}
