// SM-DRIVER: cable drivers that do not match, or do not do what is asked of them.

import { didYouMean } from '../../diag/suggest.ts'
import { place, type Rule } from '../rule.ts'
import { driverOf } from '../submariner.ts'

const DRIVERS = ['libreswan', 'wireguard', 'vxlan']

export const smDrivers: Rule = {
  code: 'SM019',
  title: 'Cable drivers that differ, or cannot do what the plan asks',
  severity: 'error',
  explanation:
    'The driver is not negotiated: both ends of a cable need the same. VXLAN neither encrypts nor passes NAT.',
  basis: ['SM-DRIVER', 'submariner-semantics 2.5'],
  check(plan, report) {
    const [first, ...others] = plan.submariner
    if (first === undefined) return
    for (const cluster of plan.submariner) {
      const driver = driverOf(cluster)
      const { cableDriver, natt, encryption } = cluster.submariner ?? {}
      if (!DRIVERS.includes(driver))
        report({
          severity: 'error',
          message: `there is no cable driver ${driver}`,
          places: [place(cableDriver?.span, `cable driver of ${cluster.id}`)],
          effect: 'The gateway ends at its start; no cable is made.',
          hint: didYouMean(driver, DRIVERS) ?? `drivers are ${DRIVERS.join(', ')}`,
          clusters: [cluster.id],
          subject: [cluster.id, driver],
        })
      if (driver !== 'vxlan') continue
      if (encryption?.value === true)
        report({
          severity: 'error',
          message: `${cluster.id} asks for encryption and uses VXLAN cables, which have none`,
          places: [place(encryption.span, 'encryption'), place(cableDriver?.span, 'cable driver')],
          effect: 'Packets between clusters travel in clear.',
          hint: 'use libreswan or wireguard',
          clusters: [cluster.id],
          subject: [cluster.id, 'encryption'],
        })
      const behind = cluster.nodes.find(({ publicIp }) => publicIp !== undefined)
      if (natt?.value === true || behind !== undefined)
        report({
          severity: 'error',
          message: `${cluster.id} is behind NAT and uses VXLAN cables, which do not pass it`,
          places: [
            place(natt?.span ?? behind?.publicIp?.span, 'NAT'),
            place(cableDriver?.span, 'cable driver'),
          ],
          effect:
            'Packets arrive from an address that the other gateway does not know and are dropped; the status still says connected.',
          hint: 'use libreswan or wireguard',
          clusters: [cluster.id],
          subject: [cluster.id, 'nat'],
        })
    }
    for (const other of others) {
      if (driverOf(other) === driverOf(first)) continue
      report({
        severity: 'error',
        message: `${first.id} uses ${driverOf(first)} cables and ${other.id} ${driverOf(other)}`,
        places: [first, other].map((one) =>
          place(one.submariner?.cableDriver?.span ?? one.submariner?.span, `${one.id}: ${driverOf(one)}`),
        ),
        effect: 'The two gateways speak different protocols: the cable never comes up.',
        hint: 'use the same driver in all clusters',
        clusters: [first.id, other.id],
        subject: [first.id, other.id],
      })
    }
  },
}
