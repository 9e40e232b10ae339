/** Where the proxy is inside a sandbox: the network there is private, so the number is always free. */
export const PROXY_PORT = 3128;

const PROXY = `http://127.0.0.1:${PROXY_PORT}`;
const DIRECT = "localhost,127.0.0.1,::1";

/**
 * Variables that make ordinary programs use the proxy. Both spellings, because programs differ. ALL_PROXY is HTTP as
 * well: some libraries fail altogether when it names a SOCKS proxy and an optional part is missing. SOCKS answers on
 * the same port to whoever asks for it.
 */
export const PROXY_ENVIRONMENT: Readonly<Record<string, string>> = {
  HTTP_PROXY: PROXY,
  http_proxy: PROXY,
  HTTPS_PROXY: PROXY,
  https_proxy: PROXY,
  ALL_PROXY: PROXY,
  all_proxy: PROXY,
  NO_PROXY: DIRECT,
  no_proxy: DIRECT,
  // Node reads the variables above only when told to, from version 24 on.
  NODE_USE_ENV_PROXY: "1",
};
