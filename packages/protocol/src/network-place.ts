/** Those that a network rule means when it names none. */
const WEB_PORTS: readonly number[] = [80, 443];

/**
 * What an answer about a connection counts for, in the form of a network rule: `example.com` for the ports of web
 * servers, `example.com:22` for any other one. `host` is a name in lower case or an address, IPv6 without brackets.
 */
export function networkPlace(host: string, port: number): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return WEB_PORTS.includes(port) ? name : `${name}:${port}`;
}
