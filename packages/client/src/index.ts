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
export {
  type ConnectionState,
  connectLasting,
  type LastingClient,
  type LastingOptions,
} from "./lasting-client.ts";
export type { MessageChannel, MessageListener } from "./message-channel.ts";
