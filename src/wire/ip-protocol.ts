// Protocol numbers of IPv4 and next-header numbers of IPv6 (IANA "Assigned Internet Protocol Numbers").

/** The IP protocols this project reads or writes. The first row and `fragment`, `options`, `routing` are IPv6's own. */
export const IpProtocol = {
  hopByHop: 0,
  routing: 43,
  fragment: 44,
  destinationOptions: 60,
  icmp: 1,
  tcp: 6,
  udp: 17,
  esp: 50,
  icmpv6: 58,
  noNext: 59,
  sctp: 132,
} as const
