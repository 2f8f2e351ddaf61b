/** Rules of Kube-OVN on top of OVN-IC. */
import { no, partly, type Rule, unasked, yes } from './rule.ts'

export const KUBE_OVN: readonly Rule[] = [
  unasked(
    yes(
      'KO-TS-1',
      'Transit switches are ts, ts1, ts2 … with 169.254.100.0/24, 101, … and fe80:a9fe:64::/112, 65, ….',
    ),
    'its controller writes the Northbound, and none runs in the lab',
  ),
  yes('KO-TS-2', 'Their IPv6 range is never advertised and good as a nexthop.', 'ttl-dual'),
  yes('KO-EST-1', 'Every peer learns each prefix once a transit switch.', 'ecmp-2ts'),
  yes(
    'KO-EST-2',
    'Gateways rotate over the switches: switch i prefers gateway i modulo their number.',
    'ecmp-gw-down',
  ),
  yes(
    'KO-BL-1',
    'The blacklist works on what is learned too: an equal join subnet of a peer is hidden, another one only by the peer.',
    'blacklist-v4',
  ),
  partly(
    'KO-BL-2',
    'Service network and default route are not in it and not advertised; a dual-stack join subnet meets ADV-5.',
    'VIP subnets and u2o are not modelled',
    'dual-stack-blacklist-defect',
  ),
  unasked(
    yes('KO-BL-3', 'Node addresses are in it, so that routes to them stay at home.'),
    'its controller writes the Northbound, and none runs in the lab',
  ),
  yes(
    'KO-POL-1',
    'Learned prefixes are exempt from the gateway policies by 29500, up to five seconds late.',
    'kubeovn-no-29500',
  ),
  yes('KO-POL-2', 'A manual route gets no such policy.', 'manual-both', 'manual-routes-no-policy'),
  unasked(
    no('KO-POL-3', 'Up to 1.8 static src-ip routes did what policies do.', 'profiles begin with 1.10'),
    'its controller writes the Northbound, and none runs in the lab',
  ),
  yes('KO-POL-4', 'The reply needs the policy of its own cluster.', 'kubeovn-no-29500'),
  unasked(
    yes('KO-RM-1', 'Up to 1.16 learned routes and their policies outlive the interconnection.'),
    'its controller writes the Northbound, and none runs in the lab',
  ),
  partly(
    'KO-RM-2',
    'A zone cleaned out of the IC Southbound by hand comes back unless its ovn-ic is stopped.',
    '`clean-ic-az-db.sh` is `ic-sbctl destroy` lines in a scenario',
    'cleaned-by-hand',
  ),
  unasked(
    partly(
      'KO-RM-3',
      'Two chassis of one host name stop the establishing.',
      'chassis garbage collection, which removes remote chassis for a moment',
    ),
    'its controller writes the Northbound, and none runs in the lab',
  ),
  unasked(
    yes(
      'KO-RM-4',
      'From 1.17 a learned prefix that overlaps a local subnet is deleted and blacklisted while that subnet exists.',
    ),
    'its controller writes the Northbound, and none runs in the lab',
  ),
]
