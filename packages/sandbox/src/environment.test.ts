import { expect, test } from "vitest";
import { commandEnvironment } from "./environment.ts";

const host = {
  PATH: "/usr/bin",
  HOME: "/home/me",
  LC_ALL: "C",
  MY_FLAG: "1",
  OPENAI_API_KEY: "k",
  GITHUB_TOKEN: "t",
  AWS_SECRET_ACCESS_KEY: "s",
  DATABASE_URL: "postgres://u:p@h",
  MY_SERVICE_PASSWORD: "p",
  NODE_OPTIONS: "--require x",
  LD_PRELOAD: "/x.so",
  GIT_DIR: "/x",
  SSH_AUTH_SOCK: "/x",
  BASH_ENV: "/x",
  UNSET: undefined,
};

test("by default only the core names pass", () => {
  expect(commandEnvironment({}, host)).toEqual({ PATH: "/usr/bin", HOME: "/home/me", LC_ALL: "C" });
});

test("inheriting all still drops what looks like a secret or steers programs", () => {
  expect(commandEnvironment({ inherit: "all" }, host)).toEqual({
    PATH: "/usr/bin",
    HOME: "/home/me",
    LC_ALL: "C",
    MY_FLAG: "1",
  });
});

test("a pattern does not bring a secret in, its exact name does", () => {
  expect(commandEnvironment({ inherit: "none", allow: ["*_TOKEN", "MY_*"] }, host)).toEqual({});
  expect(commandEnvironment({ allow: ["GITHUB_TOKEN", "MY_*"] }, host)).toEqual({
    PATH: "/usr/bin",
    HOME: "/home/me",
    LC_ALL: "C",
    MY_FLAG: "1",
    GITHUB_TOKEN: "t",
  });
});

test("excluding wins over allowing, and setting over both", () => {
  const policy = { allow: ["MY_FLAG"], exclude: ["MY_*", "HOME"], set: { HOME: "/elsewhere", NEW: "n" } };
  expect(commandEnvironment(policy, host)).toEqual({
    PATH: "/usr/bin",
    LC_ALL: "C",
    HOME: "/elsewhere",
    NEW: "n",
  });
});

test.each(["MONKEY", "KEYBOARD", "TOKENIZERS_PARALLELISM", "AUTHOR", "TURKEY_MODE"])(
  "%s is not a secret",
  (name) => {
    expect(commandEnvironment({ inherit: "all" }, { [name]: "1" })).toEqual({ [name]: "1" });
  },
);

test.each([
  "APIKEY",
  "API_KEY",
  "MY_PRIVATE_KEY",
  "NPM_TOKEN",
  "DB_PASSWD",
  "CLIENT_SECRET",
  "HTTP_COOKIE",
  "npm_auth",
])("%s is a secret", (name) => {
  expect(commandEnvironment({ inherit: "all" }, { [name]: "1" })).toEqual({});
});
