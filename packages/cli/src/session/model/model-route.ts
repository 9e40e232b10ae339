import type { ModelProviderConfig } from "@quire/config";
import { CodedError } from "@quire/protocol";
import type { System } from "../../system.ts";

type Env = System["env"];

/** The file of further certificate authorities for a provider: its own, or the one that the environment names. */
export function certificateFile(
  provider: Pick<ModelProviderConfig, "caCertificate">,
  env: Env,
): string | null {
  return provider.caCertificate ?? env.CODEX_CA_CERTIFICATE ?? env.SSL_CERT_FILE ?? null;
}

/**
 * The proxy for an address, null when it is reached directly: HTTPS_PROXY or HTTP_PROXY by its scheme, else ALL_PROXY,
 * in either case of letters, unless NO_PROXY names its host. With `socks5h`, `socks4a` and `socks` the proxy looks names up,
 * with `socks5` and `socks4` we do. This machine itself is never asked for through a proxy.
 */
export function proxyFor(address: string, env: Env): URL | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const scheme = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const names = [scheme, "ALL_PROXY"].flatMap((name) => [name.toLowerCase(), name]);
  const name = names.find((known) => Boolean(env[known]));
  if (name === undefined || isLoopback(url.hostname) || isExempt(url, env.no_proxy ?? env.NO_PROXY ?? ""))
    return null;
  const text = env[name] ?? "";
  const proxy = text.includes("://") ? text : `http://${text}`;
  if (URL.canParse(proxy) && /^(https?|socks(4a?|5h?)?):$/.test(new URL(proxy).protocol)) {
    if (new URL(proxy).hostname !== "") return new URL(proxy);
  }
  throw new CodedError("config_invalid", `${name} is no address of a proxy`, {
    nextStep: `Set it to http://HOST:PORT or socks5h://HOST:PORT, with USER:PASSWORD@ before the host where it wants one, or take it away.`,
  });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\./.test(host) || host.endsWith(".localhost");
}

/** NO_PROXY: names and their subdomains, with or without a leading dot, with or without a port; `*` is everything. */
function isExempt(url: URL, list: string): boolean {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === "") return false;
    if (entry === "*") return true;
    const [, name = "", wanted] = /^\*?\.?(.+?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (wanted !== undefined && wanted !== port) return false;
    return url.hostname === name || url.hostname.endsWith(`.${name}`);
  });
}
