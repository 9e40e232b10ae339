import { expect, test } from "vitest";
import { certificateFile, proxyFor } from "./model-route.ts";

const PROXY = { HTTPS_PROXY: "http://proxy.test:3128" };

test.each([
  ["https://api.test/v1", PROXY, "http://proxy.test:3128/"],
  ["https://api.test/v1", { https_proxy: "proxy.test:3128" }, "http://proxy.test:3128/"],
  ["https://api.test/v1", { ALL_PROXY: "http://all.test:1" }, "http://all.test:1/"],
  ["https://api.test/v1", { ALL_PROXY: "socks5h://me:secret@all.test:1" }, "socks5h://me:secret@all.test:1"],
  ["http://api.test/v1", { all_proxy: "socks4://all.test" }, "socks4://all.test"],
  ["https://api.test/v1", { ALL_PROXY: "socks://all.test:1", NO_PROXY: "api.test" }, null],
  ["http://127.0.0.1:1/v1", { ALL_PROXY: "socks5h://all.test:1" }, null],
  ["http://api.test/v1", PROXY, null],
  ["http://api.test/v1", { HTTP_PROXY: "http://plain.test:1" }, "http://plain.test:1/"],
  ["https://api.test/v1", { ...PROXY, NO_PROXY: "api.test" }, null],
  ["https://api.test/v1", { ...PROXY, NO_PROXY: ".test" }, null],
  ["https://api.test/v1", { ...PROXY, no_proxy: "other.test, *.test" }, null],
  ["https://api.test/v1", { ...PROXY, NO_PROXY: "api.test:8443" }, "http://proxy.test:3128/"],
  ["https://api.test:8443/v1", { ...PROXY, NO_PROXY: "api.test:8443" }, null],
  ["https://api.test/v1", { ...PROXY, NO_PROXY: "pi.test" }, "http://proxy.test:3128/"],
  ["https://api.test/v1", { ...PROXY, NO_PROXY: "*" }, null],
  ["https://127.0.0.1:1/v1", PROXY, null],
  ["https://localhost:1/v1", PROXY, null],
] as const)("%s with %o goes through %s", (address, env, proxy) => {
  expect(proxyFor(address, env)?.href ?? null).toBe(proxy);
});

test("a proxy of another kind is refused with a reason", () => {
  expect(() => proxyFor("https://api.test/", { HTTPS_PROXY: "ftp://x:1" })).toThrow(
    /HTTPS_PROXY is no address/,
  );
  expect(() => proxyFor("https://api.test/", { ALL_PROXY: "socks5h://" })).toThrow(/ALL_PROXY is no address/);
});

test("the provider's own authorities come before those of the environment", () => {
  const env = { CODEX_CA_CERTIFICATE: "/a.pem", SSL_CERT_FILE: "/b.pem" };
  expect(certificateFile({ caCertificate: "/own.pem" }, env)).toBe("/own.pem");
  expect(certificateFile({ caCertificate: null }, env)).toBe("/a.pem");
  expect(certificateFile({ caCertificate: null }, { SSL_CERT_FILE: "/b.pem" })).toBe("/b.pem");
  expect(certificateFile({ caCertificate: null }, {})).toBe(null);
});
