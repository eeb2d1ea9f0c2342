// The words in front of the braces. A file of its own because `shapes.js` and `errors.js` both need it.

/** The class, with size, tag, or the want of a prototype. Ends in a blank. */
export function prefixOf(name, tag, fallback, size = '') {
  if (name === null) {
    const shown = tag !== '' && tag !== fallback ? ` [${tag}]` : '';
    return `[${fallback}${size}: null prototype]${shown} `;
  }
  return tag !== '' && tag !== name ? `${name}${size} [${tag}] ` : `${name}${size} `;
}
