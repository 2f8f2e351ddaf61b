// Apart from those who read them (formats.ts), so that the help of a command loads no reader.

/** Names as the command line takes them. */
export const ROUTE_FORMATS = [
  'ip-route',
  'ip-json',
  'lr-route-list',
  'bird',
  'frr',
  'frr-bgp',
  'mrt',
  'csv',
] as const
export type RouteFormat = (typeof ROUTE_FORMATS)[number]
export type TextFormat = Exclude<RouteFormat, 'mrt'>
