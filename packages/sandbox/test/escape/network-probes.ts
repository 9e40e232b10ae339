import { must, type Probe } from "./probe.ts";

const socket = (family: number, type: number, protocol = 0): string =>
  `perl -e 'use Socket; socket(my $s,${family},${type},${protocol}) and print "ESCAPED"'`;

const connect = (host: string): string =>
  `timeout 2 bash -c "exec 3<>/dev/tcp/${host}/$TCP_PORT && head -c 64 <&3" | grep -q $CANARY && echo ESCAPED`;

const nothingArrived = {
  outside: (world: { reached(): number }) => (world.reached() > 0 ? `${world.reached()} arrived` : undefined),
};

/** Reaching anything that listens outside. */
export const NETWORK_PROBES: readonly Probe[] = [
  must("net.loopback", connect("127.0.0.1"), nothingArrived),
  must("net.loopback-alias", connect("127.0.0.9"), nothingArrived),
  must("net.any-address", connect("0.0.0.0"), nothingArrived),
  must("net.host-address", connect("$HOST_ADDRESS"), nothingArrived),
  must("net.mapped", connect("::ffff:127.0.0.1"), nothingArrived),
  must(
    "net.datagram",
    "echo x > /dev/udp/127.0.0.1/$UDP_PORT; echo x > /dev/udp/$HOST_ADDRESS/$UDP_PORT",
    nothingArrived,
  ),
  must(
    "net.path-socket",
    `perl -e 'use Socket; socket(my $s,1,1,0) && connect($s,pack_sockaddr_un($ENV{HOST_SOCKET})) && print "ESCAPED"'`,
    nothingArrived,
  ),
  must(
    "net.abstract-socket",
    `perl -e 'use Socket; socket(my $s,1,1,0) && connect($s,pack("S a*",1,"\\0$ENV{ABSTRACT}")) && print "ESCAPED"'`,
  ),
  must("net.only-loopback", "[ $(grep -c : /proc/net/dev) = 1 ] || echo ESCAPED"),
  must(
    "net.names",
    `timeout 3 node -e 'require("dns").lookup("example.com",(e,a)=>{if(a)console.log("ESCAPED")})'`,
  ),
  must("net.raw", socket(2, 3, 1)),
  must("net.packet", socket(17, 3, 0)),
  must("net.virtual-machine", socket(40, 1)),
  must("net.audit", socket(16, 3, 9)),
  must("net.crypto", socket(38, 5)),
  must("net.bluetooth", socket(31, 1)),
  must(
    "net.control-sockets",
    "for s in /run/docker.sock /var/run/docker.sock /run/containerd/containerd.sock /run/dbus/system_bus_socket /run/systemd/private; do [ -S $s ] && echo ESCAPED; done; true",
  ),
  must("net.new-interface", "ip link add x type dummy 2>/dev/null && echo ESCAPED", { needs: "ip" }),
];
