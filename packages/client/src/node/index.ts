export { type ChildChannel, type ChildChannelOptions, childChannel } from "./child-channel.ts";
export { socketChannel } from "./socket-channel.ts";
export { type WebSocketChannelOptions, webSocketChannel } from "./web-socket-channel.ts";
