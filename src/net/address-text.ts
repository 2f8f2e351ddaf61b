// Addresses within other text.

/**
 * Anything that may be an address, with or without a length; not a part of a longer word or number, but behind an escaped line end of
 * JSON. For `matchAll`.
 */
export const ADDRESS =
  /(?:(?<=\\[nrt])|(?<![\w:]|(?<!\.)\.))(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})(?:\/\d{1,3})?(?![\w:]|\.\d)/g
