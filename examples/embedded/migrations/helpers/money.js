/** '2.50' → 250 */
export function inCents(price) {
  return Math.round(Number(price) * 100);
}
