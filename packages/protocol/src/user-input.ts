import * as z from "zod/mini";

/** What a person hands over with a turn. `localImage.path` is absolute. */
export const UserInputSchema = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text"), text: z.string() }),
  z.looseObject({ type: z.literal("image"), url: z.string() }),
  z.looseObject({ type: z.literal("localImage"), path: z.string() }),
]);
export type UserInput = z.infer<typeof UserInputSchema>;
