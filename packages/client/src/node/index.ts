export { type ChildChannel, type ChildChannelOptions, childChannel } from "./child-channel.ts";
