import { Quire, type QuireOptions } from "@quire/sdk";
import { QUIRE_BIN } from "@quire/test-support";
import { type ExecWorld, execWorld, type WorldOptions } from "./exec-world.ts";

export interface SdkWorld extends AsyncDisposable {
  readonly world: ExecWorld;
  readonly quire: Quire;
}

/** A world with the SDK in it, set up as a program would: a path, an environment, nothing else. */
export async function sdkWorld(options: WorldOptions = {}, more: QuireOptions = {}): Promise<SdkWorld> {
  const world = await execWorld(options);
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: world.home.path,
    QUIRE_HOME: world.quireHome,
    TEST_KEY: "key-for-tests",
  };
  const quire = new Quire({ quirePathOverride: QUIRE_BIN, env, ...more });
  return {
    world,
    quire,
    async [Symbol.asyncDispose]() {
      await quire.close();
      await world[Symbol.asyncDispose]();
    },
  };
}
