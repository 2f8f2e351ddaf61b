// How long the control plane takes for what it does, in one place. The figures are of the size seen on small real clusters:
// a changed switch shows within 0.1 s (LRN-10), a claimed gateway port reaches the other AZ within some tenths (HA-12), and two
// AZs of one name re-create a row about 180 times a second (AZ-2).

import { MILLISECOND, type Nanos } from '../model/time.ts'

/** From a commit until a client of the same cluster has the update and its loop has woken. */
export const DB_NOTIFICATION: Nanos = 1 * MILLISECOND

/** One loop of ovn-ic, commit included. */
export const IC_RUN: Nanos = 4 * MILLISECOND

/** One loop of northd, commit included. */
export const NORTHD_RUN: Nanos = 10 * MILLISECOND

/** One loop of ovn-controller: logical flows to OpenFlow, and its own writes to the Southbound. */
export const CONTROLLER_RUN: Nanos = 8 * MILLISECOND

/** From a controller's loop until ovs-vswitchd forwards by the new flows. */
export const FLOW_INSTALL: Nanos = 4 * MILLISECOND

/** From the start of ovs-vswitchd until its bridges, tunnels and BFD sessions are there: 0.12 s measured, 0.25 s with its database. */
export const VSWITCHD_START: Nanos = 150 * MILLISECOND

/**
 * From a controller's making a tunnel until it sees the interface in Open_vSwitch and can enable BFD on it. Measured: a gateway that
 * comes back, whose tunnels are made before anybody hears of it, has BFD enabled 3 to 45 ms before the others have.
 */
export const TUNNEL_SETUP: Nanos = 25 * MILLISECOND

/** ovs-vswitchd's monitor thread looks for new BFD sessions this often (MONITOR_INTERVAL_MSEC of ofproto-dpif-monitor.c). */
export const BFD_MONITOR_INTERVAL: Nanos = 100 * MILLISECOND

/** From waking the daemon of a Kubernetes controller until its writes are there. */
export const KUBE_CONTROLLER_RUN: Nanos = 20 * MILLISECOND

/** From the start of a stopped or killed process until its first loop. */
export const PROCESS_START: Nanos = 50 * MILLISECOND

/**
 * By what factor a wake of a daemon may be faster or slower than the figures above, where runs are varied; mostly it is near 1. In two labs
 * on two cores with other load, a gateway port was released 4 to 13 ms after BFD had spoken, and a new chassis got the first packet from its
 * peers 29 to 107 ms after it had sent its own: 9 ms each here.
 */
export const SLOWNESS: readonly [least: number, most: number] = [0.5, 12]

/** First wait before a client of OVSDB or OpenFlow connects again; it doubles with each failure up to the maximum (reconnect.c, rconn.c). */
export const RECONNECT_MIN: Nanos = 1000 * MILLISECOND
export const RECONNECT_MAX: Nanos = 8000 * MILLISECOND
