// Ethernet addresses as plain numbers: a MAC of 48 bits fits a JavaScript number exactly, compares with `===` and
// keys a Map. Bitwise operators see only the low 32 bits, so the upper 16 are reached by division.

/** A 48-bit Ethernet address; the first octet on the wire is the most significant. */
export type Mac = number

/** The address of every station, ff:ff:ff:ff:ff:ff. */
export const BROADCAST_MAC: Mac = 0xffffffffffff

const MAC_TEXT = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i

/** Reads `aa:bb:cc:dd:ee:ff` (either case, two digits an octet); anything else gives undefined. */
export function parseMac(text: string): Mac | undefined {
  return MAC_TEXT.test(text) ? Number.parseInt(text.replaceAll(':', ''), 16) : undefined
}

/** Writes an address as lower-case octets with colons. */
export function formatMac(mac: Mac): string {
  const hex = mac.toString(16).padStart(12, '0')
  return `${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}:${hex.slice(6, 8)}:${hex.slice(8, 10)}:${hex.slice(10)}`
}

/** True for group addresses (IEEE 802: the lowest bit of the first octet), the broadcast address included. */
export function isMulticastMac(mac: Mac): boolean {
  return (Math.floor(mac / 2 ** 40) & 1) === 1
}
