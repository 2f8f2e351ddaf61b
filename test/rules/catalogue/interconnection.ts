/** Rules of ovn-ic 23.03: process, zones, transit switches, gateways, ports, routes. */
import { no, partly, type Rule, unasked, yes } from './rule.ts'

export const DAEMON: readonly Rule[] = [
  partly(
    'IC-1',
    'ovn-ic of a zone works on four databases and does nothing before it has seen each of them once.',
    'one process a zone: no standby, no lock on the local Southbound',
    'icdb-stop',
  ),
  yes(
    'IC-2',
    'One loop is zone, transit switches, gateways, ports, routes; without a zone nothing of it happens.',
    'basic-2az',
  ),
  yes(
    'IC-3',
    'The four databases are written in four transactions; one that is refused loses all it held, and is tried again when some database changes.',
    'adv10-static-masked-eq-connected',
    'residue-encap-clash',
    'port-name-residue',
    'chassis-name-twice',
  ),
  yes(
    'IC-4',
    'Loops are functions of what the databases hold; run until nothing changes, they end in one state.',
    'basic-2az',
    'ecmp-2ts',
  ),
  yes(
    'IC-5',
    'With ovn-ic or the IC databases stopped everything stays as it is, seen from all zones.',
    'icdb-stop',
    'az-remove-dirty',
    'gateway-moves-without-ovn-ic',
    'ovn-ic-stopped',
    'ic-db-down',
  ),
  unasked(
    no(
      'IC-6',
      '`ovn-appctl status` of ovn-ic says active, standby or paused.',
      'daemons have no control socket; a paused one simply does nothing',
    ),
    'the model has no answer to compare with',
  ),
]

export const ZONES: readonly Rule[] = [
  yes(
    'AZ-1',
    'The zone is named by `NB_Global.name`; without a name nothing runs, and an emptied name takes the row away.',
    'basic-2az',
    'az-remove-adv-off-first',
  ),
  yes(
    'AZ-2',
    'The row is found by name alone: two clusters of one name share it and undo each other for ever, without an error.',
    'dup-az',
  ),
  yes(
    'AZ-3',
    'Up to 24.03 a rename adds a second zone and is refused everything else, because rows hold on to the old one.',
    'zone-renamed',
  ),
]

export const TRANSIT_SWITCHES: readonly Rule[] = [
  yes(
    'TS-1',
    'Every transit switch is a logical switch of the same name in every zone.',
    'basic-2az',
    'ts-delete-3az',
  ),
  yes(
    'TS-2',
    'A transit switch deleted by hand comes back at once, without its router port; own routes stay published.',
    'transit-switch-deleted-by-hand',
  ),
  yes(
    'TS-3',
    'Tunnel keys of transit switches are global and count from 16711682.',
    'basic-2az',
    'ts-delete-3az',
  ),
  yes('TS-4', 'Every zone asks its northd for that key, so that the VNI is one everywhere.', 'basic-2az'),
  yes(
    'TS-5',
    'With a transit switch its key, ports and routes go; its successor has no ports.',
    'ts-delete-3az',
  ),
]

export const GATEWAYS: readonly Rule[] = [
  yes(
    'GW-1',
    'Published are the chassis with `is-interconn`, with host name and tunnel addresses.',
    'basic-2az',
    'gateway-flag-off',
  ),
  yes('GW-2', 'A gateway that is no such chassis any more is withdrawn.', 'gateway-flag-off'),
  yes(
    'GW-3',
    'Gateways of other zones become remote chassis and are followed.',
    'basic-2az',
    'gateway-flag-off',
  ),
  yes(
    'GW-4',
    'A chassis with neither flag is left alone; a name that two clusters use is refused.',
    'chassis-name-twice',
  ),
  yes(
    'GW-5',
    'A tunnel address can be published once; whoever comes second is refused, residue of dead clusters included.',
    'residue-encap-clash',
    'residue-blocks-newcomer',
  ),
  yes('GW-6', 'Tunnels to other zones start on interconnection gateways only.', 'basic-2az'),
]

export const PORTS: readonly Rule[] = [
  yes(
    'PB-1',
    'Router ports on transit switches are published with keys 1 to 32767, counted by process and not by switch.',
    'basic-2az',
    'ts-delete-3az',
  ),
  yes(
    'PB-2',
    'Published with a port are its MAC with all networks, its active gateway, and its router; its key comes back as the one to ask for.',
    'basic-2az',
  ),
  yes('PB-3', 'Ports of other zones become `remote` ports with that address and key.', 'basic-2az'),
  yes(
    'PB-4',
    'A remote port is bound to the chassis that the other zone names; an unknown one changes nothing, an empty one unbinds.',
    'gateway-flag-off',
    'ha-link-down',
  ),
  yes(
    'PB-5',
    'Bindings of ports that are gone are withdrawn, remote ports of withdrawn bindings deleted.',
    'az-remove-adv-off-first',
    'last-transit-port-removed',
  ),
  yes(
    'PB-6',
    'Without its router port a switch port stays published, with no address and no gateway.',
    'lrp-deleted',
  ),
  yes(
    'PB-7',
    'The binding of a switch port that names no router port is withdrawn; the routes of its zone stay.',
    'router-port-forgotten',
  ),
  yes(
    'PB-8',
    'Port names are unique over all zones and switches: a stale one keeps a new cluster of that name out.',
    'port-name-residue',
  ),
]

export const ADVERTISING: readonly Rule[] = [
  yes(
    'ADV-1',
    'Candidates are static routes of the transit port’s route table that were not learned, and networks of all ports that are on no transit switch.',
    'adv-forms',
    'rnd-*',
    'route-tables',
  ),
  yes(
    'ADV-2',
    'Published only with `ic-route-adv`; a default route needs `ic-route-adv-default` besides; src-ip routes never are.',
    'adv-forms',
    'default-route-adv',
  ),
  yes('ADV-3', 'Link-local prefixes are not published.', 'adv-forms'),
  yes(
    'ADV-4',
    '`ic-route-blacklist` blocks what an entry covers, not what is larger.',
    'blacklist-v4',
    'blacklist-v6',
  ),
  yes(
    'ADV-5',
    'Up to 23.03.1 any IPv6 entry blocks every IPv6 prefix at least as long.',
    'blacklist-v6',
    'dual-stack-blacklist-defect',
  ),
  yes(
    'ADV-6',
    'Static routes need a nexthop that is an address: discard routes are not published.',
    'adv-forms',
  ),
  yes(
    'ADV-7',
    'The published nexthop is the first address of the transit port in the family of the prefix.',
    'basic-2az',
    'ttl-dual',
  ),
  yes(
    'ADV-8',
    'Connected networks keep their host bits as text; `lr-route-add` masks what it stores.',
    'adv-forms',
    'lrn4-local-static',
  ),
  yes(
    'ADV-9',
    'A published route names switch, zone, route table, prefix, nexthop, origin, and the row it comes from.',
    'basic-2az',
    'adv-forms',
  ),
  yes(
    'ADV-10',
    'Origin is no part of the key: a static and a connected route of equal text make the zone’s whole transaction fail.',
    'adv10-static-masked-eq-connected',
  ),
  yes(
    'ADV-11',
    'Up to 24.03 two routers of one zone on one switch erase each other’s routes.',
    'two-lrs-one-ts',
  ),
  yes('ADV-12', 'Learned routes are not published again: no zone is a transit for others.', 'chain-of-zones'),
  yes('ADV-13', 'Own routes on a switch that is gone are withdrawn.', 'ts-delete-3az'),
  yes(
    'ADV-14',
    'A zone whose transit port lost its router port learns the same routes again and again.',
    'lrp-deleted',
  ),
]

export const LEARNING: readonly Rule[] = [
  yes(
    'LRN-1',
    'Routes of the own zone are skipped, those of its other routers included; later releases skip those of the own router only.',
    'two-lrs-one-ts',
    'chain-of-zones',
  ),
  yes(
    'LRN-2',
    'A route of a route table is learned through ports of that table; one of the main table through every port.',
    'route-tables',
  ),
  yes(
    'LRN-3',
    'Learned only with `ic-route-learn`; default routes, link-local prefixes and the blacklist as for publishing.',
    'blacklist-v4',
    'default-route-adv',
  ),
  yes(
    'LRN-4',
    'An own static route of the same text keeps a route from being learned; one of other text does not.',
    'lrn4-local-static',
  ),
  yes(
    'LRN-5',
    'Neither overlap with own networks, nor an equal prefix of another zone, nor a nexthop out of reach does.',
    'rt12-equal-connected',
    'rt14-containment',
  ),
  yes(
    'LRN-6',
    'A learned route has text, nexthop, table, a mark with the published row, and its origin.',
    'basic-2az',
    'adv-forms',
  ),
  yes(
    'LRN-7',
    'It is known by prefix, nexthop, origin and table: the same prefix over two switches is two routes.',
    'ecmp-2ts',
    'rnd-*',
  ),
  yes(
    'LRN-8',
    'It goes with the published row; a row published anew changes only its mark.',
    'ts-delete-3az',
    'az-remove-adv-off-first',
    'cleaned-by-hand',
  ),
  yes(
    'LRN-9',
    'A router that lost its last transit port keeps what it learned.',
    'last-transit-port-removed',
  ),
  yes(
    'LRN-10',
    'Switching publishing off withdraws all, switching learning off removes all.',
    'az-remove-adv-off-first',
  ),
]
