// How two values differ, line by line, for the message of a failed comparison.
//
// Lines are compared by position, after the ends that are alike, as Node.js 20 does it: `+` marks what only the
// actual value has, `-` what only the expected one has; long stretches of equal lines are cut.

const MOST_SHOWN = 50;

// A comma only says that more follows.
const bare = line => line.replace(/,$/, '');

// All lines as `[mark, line]`; of two equal lines, the one with a comma.
function markedLines(left, right) {
  let end = 0;
  while (end < Math.min(left.length, right.length) && left.at(-1 - end) === right.at(-1 - end)) end += 1;
  const [actual, expected] = [left.slice(0, left.length - end), right.slice(0, right.length - end)];
  const marked = [];
  let missing = [];
  for (let i = 0; i < Math.max(actual.length, expected.length); i++) {
    const isBoth = i < actual.length && i < expected.length;
    if (isBoth && bare(actual[i]) === bare(expected[i])) {
      marked.push(...missing, ['  ', expected[i].endsWith(',') ? expected[i] : actual[i]]);
      missing = [];
      continue;
    }
    if (i < actual.length) marked.push(['+ ', actual[i]]);
    if (i < expected.length) missing.push(['- ', expected[i]]);
  }
  return [...marked, ...missing, ...left.slice(left.length - end).map(line => ['  ', line])];
}

/** `{ text, isCut }`: the lines of both with their marks. */
export function diffLines(left, right) {
  const marked = markedLines(left, right);
  const shown = [];
  let isCut = false;
  for (let i = 0; i < marked.length;) {
    let end = i;
    while (end < marked.length && marked[end][0] === '  ') end += 1;
    const run = marked.slice(i, end).map(([mark, line]) => mark + line);
    // Behind the last difference one line is enough, and then how it all ends.
    const [head, tail, least] = end === marked.length ? [1, 3, 5] : [2, 2, 6];
    if (run.length >= least) {
      shown.push(...run.slice(0, head), '...', ...run.slice(-tail));
      isCut = true;
    } else {
      shown.push(...run);
    }
    if (end < marked.length) shown.push(marked[end].join(''));
    i = end + 1;
  }
  if (shown.length <= MOST_SHOWN) return { text: shown.join('\n'), isCut };
  return { text: [...shown.slice(0, MOST_SHOWN), '...'].join('\n'), isCut: true };
}
