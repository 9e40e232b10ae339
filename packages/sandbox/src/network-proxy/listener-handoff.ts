import type { ChildProcess } from "node:child_process";
import { Server } from "node:net";
import type { FilterArch } from "../seccomp/system-calls.ts";
import { PROXY_PORT } from "./proxy-environment.ts";

const SENDMSG: Readonly<Record<FilterArch, number>> = { x64: 46, arm64: 211 };

export interface HandoffOptions {
  /** Absolute path on the host. */
  readonly perl: string;
  readonly arch: FilterArch;
  /** Numbers of inherited descriptors: the channel to us, and a file with the command's environment. */
  readonly channel: number;
  readonly environment: number;
}

/**
 * Opens the listening socket inside the private network, sends it to us in the form in which Node sends sockets between
 * processes, takes on the command's environment and becomes the command. A socket stays in the network it was made in,
 * so we can accept what connects to it there, and neither a bridge process nor a local socket is left in the sandbox.
 *
 * It starts without the command's environment, which may name code to load, because until it closes the channel it can
 * speak to us. The layouts are those of `sockaddr_in`, `iovec`, `cmsghdr` with SCM_RIGHTS, and `msghdr` on 64-bit Linux.
 */
const SCRIPT = `
my ($sendmsg, $channel, $environment, $port, @command) = @ARGV;
sub fail { print STDERR "the network proxy could not be set up: $_[0]: $!\\n"; exit 126 }
socket(my $listener, 2, 1, 6) or fail("socket");
bind($listener, pack("S n C4 x8", 2, $port, 127, 0, 0, 1)) or fail("bind");
listen($listener, 128) or fail("listen");
my $text = qq({"cmd":"NODE_HANDLE","type":"net.Server","msg":"listening"}\\n);
my $vector = pack("P Q", $text, length $text);
my $control = pack("Q i i i x4", 20, 1, 1, fileno($listener));
my $message = pack("Q L x4 P Q P Q i x4", 0, 0, $vector, 1, $control, length $control, 0);
syscall($sendmsg, $channel + 0, $message, 0) == length $text or fail("sendmsg");
open(my $speak, "+<&=", $channel) or fail("channel");
open(my $read, "<&=", $environment) or fail("environment");
my @entries = do { local $/ = "\\0"; my @all = <$read>; chomp @all; @all };
my $folder = $ENV{PWD};
%ENV = (defined $folder ? (PWD => $folder) : (), map { split /=/, $_, 2 } @entries);
close $speak;
close $read;
close $listener;
exec { $command[0] } @command;
fail($command[0]);
`;

/** Prefix of a command that starts it behind the proxy. */
export function handoffCommand(options: HandoffOptions): string[] {
  const { perl, arch, channel, environment } = options;
  return [perl, "-f", "-e", SCRIPT, ...[SENDMSG[arch], channel, environment, PROXY_PORT].map(String)];
}

/** What the environment file holds. A variable without a value stays empty, not unset. */
export function environmentFile(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([name, value]) => `${name}=${value}\0`)
    .join("");
}

/** Calls `onListener` with the socket once it arrives, and never with anything else. */
export function receiveListener(child: ChildProcess, onListener: (server: Server) => void): void {
  child.once("message", (_message, handle) => {
    if (child.connected) child.disconnect();
    if (handle instanceof Server) onListener(handle);
    else if (handle) closeUnwanted(handle);
  });
}

function closeUnwanted(handle: object): void {
  if ("destroy" in handle && typeof handle.destroy === "function") handle.destroy();
  else if ("close" in handle && typeof handle.close === "function") handle.close();
}
