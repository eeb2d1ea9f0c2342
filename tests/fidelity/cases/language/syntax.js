// Modern syntax around database calls.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const users = await db.collection('users').find().sort({ email: 1 }).toArray();
  await note('optional chaining', users.map(user => user?.address?.city ?? 'none'));
  await note(
    'destructuring', users.map(({ name, address: { city = '?' } = {}, ...rest }) => [name, city, Object.keys(rest).length])
  );
  await note('at, findLast, flat', [
    users.at(-1).email, users.findLast(user => user.age)?.email, users.flatMap(user => user.tags).sort(),
  ]);
  await note('grouping', Object.entries(users.reduce(
    (all, user) => { (all[typeof user.age] ||= []).push(user.email); return all; }, {}
  )));
  await note('numeric', [1_000_000, 0b11, 0o17, 0xff, 2 ** 10, 7 % 3, -7 % 3, 5n ** 3n, Number.EPSILON > 0]);
  await note('strings', [
    'a'.padStart(3, '0'), 'abcabc'.replaceAll('b', 'X'), ' x '.trim(), 'é'.normalize('NFD').length, 'ß'.toUpperCase(),
    'İ'.toLowerCase().length, 'a-b'.split('-'), String.raw`\n${1}`, 'x'.codePointAt(0), [...'a𝄞'].length,
  ]);
  await note('regexps', [
    '2020-01-02'.match(/(?<y>\d{4})-(?<m>\d\d)/).groups.y, 'aXbX'.replace(/x/gi, m => m.toLowerCase()),
    [...'a1b2'.matchAll(/[a-z](\d)/g)].map(m => m[1]), /(?<=\$)\d+/.exec('$42')[0], /\p{Lu}/u.test('Ä'),
  ]);
  await note('sorting', [
    [3, 1, 10].sort(), [3, 1, 10].toSorted((a, b) => a - b), ['b', 'a', 'ä', 'B'].sort(), [1, 2, 3].with(1, 9),
    [1, 2].toReversed(),
  ]);
  await note('JSON', [
    JSON.stringify({ d: new Date(0), u: undefined, n: null, nan: NaN, big: 1e21 }), JSON.stringify([undefined, () => 1]),
    JSON.parse('{"__proto__": 1}'),
  ]);
  await note('dates', [
    new Date('2020-01-02').toISOString(), new Date(2020, 0, 31, 12).getMonth(), Date.UTC(2020, 1, 30),
    new Date('2020-01-02T03:04:05+02:00').getTime(), Number.isNaN(Date.parse('nope')), new Date(0).toJSON(),
    new Date('2020-02-30').getTime(),
  ]);
  label: for (const a of [1, 2, 3]) {
    for (const b of [1, 2, 3]) {
      if (b === 2) continue label;
      if (a === 3) break label;
      await db.collection('pairs').insertOne({ _id: `${a}${b}` });
    }
  }
  switch (users.length) { case 5: await note('switch', 'five'); break; default: await note('switch', 'other'); }
}
