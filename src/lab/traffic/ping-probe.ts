/**
 * `ping -M probe` for every version of iputils: Debian 12's does not know the word. Perl, which every Debian has, sets any option of a
 * raw socket; Node does not.
 */
import type { PingTraffic } from '../../model/traffic.ts'
import { formatIp, isIp4 } from '../../net/ip.ts'

/** A program and its arguments. */
export type Argv = [string, ...string[]]

/** Seconds as ping takes them. */
export const seconds = (nanos: number): string => String(Number((nanos / 1e9).toFixed(3)))

/**
 * Echoes that carry DF and are sent whatever path MTU is known (`IP_PMTUDISC_PROBE`); the kernel learns from the errors they meet, for
 * others. Prints what ping would.
 */
export function pingProbeArgv(
  { address, count, interval, size, ttl, tos, wait }: PingTraffic,
  id: number,
): Argv {
  const orders = [formatIp(address), id, count, seconds(interval), size, ttl, tos, seconds(wait)]
  return ['perl', '-e', isIp4(address) ? PING_PROBE_4 : PING_PROBE_6, ...orders.map(String)]
}

/** Sends and receives echoes; `$request`, `$reply` and `$to` are the family's. Time is what `select` says it waited. */
const PING_PROBE = `
my $text = '';
my $due = 0;
my ($seq, $clock) = (0, 0);
my $end = ($count - 1) * $interval + $wait;
while ($clock < $end) {
  if ($seq < $count && $clock >= $due) {
    $seq++;
    $due += $interval;
    my $data = pack('CCnnn', $request, 0, 0, $id, $seq) . join('', map { chr($_ & 255) } 0 .. $size - 1);
    substr($data, 2, 2) = pack('n', checksum($data)) if $request == 8;
    defined(send($socket, $data, 0, $to)) or $text .= "ping: sendmsg: $!\\n";
  }
  my $bits = '';
  vec($bits, fileno($socket), 1) = 1;
  my $wanted = ($seq < $count ? $due : $end) - $clock;
  $wanted = 0 if $wanted < 0;
  my ($found, $left) = select(my $ready = $bits, undef, undef, $wanted);
  $clock += $wanted - ($found ? $left : 0);
  next unless $found;
  defined(recv($socket, my $packet, 65535, 0)) or next;
  my $skip = $request == 8 ? 4 * (ord($packet) & 15) : 0;
  my ($type, undef, undef, $theirs, $answered) = unpack('CCnnn', substr($packet, $skip));
  $text .= "$size bytes from $address: icmp_seq=$answered \\n" if $type == $reply && $theirs == $id;
}
print $text, "$seq packets transmitted\\n";
sub checksum {
  my $sum = unpack('%32n*', $_[0] . chr(0) x (length($_[0]) % 2));
  $sum = ($sum >> 16) + ($sum & 65535) while $sum >> 16;
  return ~$sum & 65535;
}
`
const PING_PROBE_ORDERS = `
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 AF_INET6);
my ($address, $id, $count, $interval, $size, $ttl, $tos, $wait) = @ARGV;
`
/** Options by number, as linux/in.h has them: IP_MTU_DISCOVER 10 with IP_PMTUDISC_PROBE 3, IP_TTL 2, IP_TOS 1. */
const PING_PROBE_4 = `${PING_PROBE_ORDERS}
my ($request, $reply, $to) = (8, 0, pack_sockaddr_in(0, inet_aton($address)));
socket(my $socket, AF_INET, SOCK_RAW, 1) or die $!;
setsockopt($socket, 0, $$_[0], pack('i', $$_[1])) or die $! for [10, 3], [2, $ttl], [1, $tos];
${PING_PROBE}`
/** Likewise linux/in6.h: IPV6_MTU_DISCOVER 23, IPV6_UNICAST_HOPS 16, IPV6_TCLASS 67. */
const PING_PROBE_6 = `${PING_PROBE_ORDERS}
my ($request, $reply, $to) = (128, 129, pack_sockaddr_in6(0, inet_pton(AF_INET6, $address)));
socket(my $socket, AF_INET6, SOCK_RAW, 58) or die $!;
setsockopt($socket, 41, $$_[0], pack('i', $$_[1])) or die $! for [23, 3], [16, $ttl], [67, $tos];
${PING_PROBE}`
