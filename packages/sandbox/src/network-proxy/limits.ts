/** Bounds of one proxy. All times are in milliseconds. */
export interface ProxyLimits {
  /** Open connections of all commands together; further ones are closed at once. */
  readonly connections: number;
  /** Of a request's first line and headers, and of a response's. */
  readonly headerBytes: number;
  /** From the connection until the whole request head has arrived. */
  readonly requestHeadMs: number;
  readonly connectMs: number;
  /** From a plain HTTP request until the response head has arrived. */
  readonly responseHeadMs: number;
  /** Without a byte in either direction. */
  readonly idleMs: number;
}

export const DEFAULT_PROXY_LIMITS: ProxyLimits = {
  connections: 256,
  headerBytes: 16 * 1024,
  requestHeadMs: 10_000,
  connectMs: 15_000,
  responseHeadMs: 120_000,
  idleMs: 300_000,
};
