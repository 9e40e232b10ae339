export {
  type Client,
  type ClientOptions,
  createClient,
  type NotificationListener,
  type QuestionContext,
  type RequestHandler,
  type RequestOptions,
} from "./client.ts";
export { ClientError } from "./client-error.ts";
export type { MessageChannel, MessageListener } from "./message-channel.ts";
