// What both sides compute: one line for each case.

const TEXTS = [
  '2024-03-10', '2024-03-10T02:30', '2024-03-10T02:30:15', '2024-11-03T01:30:00', '2024-10-06T02:15', '2020-03-05T10:00Z', '2020-03-05T10:00:05.123Z', '2020-03-05 10:00',
  '2020-03-05 10:00Z', '2020-03-05 10:00+0200', '2020-03-05 10:00:05-05', '2020-03-05 10:00:05.123456+00', '2020-03-05T10:00:05z', '2020-03-05T10:00:05+00', '2020-03-05T10:00:05+02:00',
  'Jan 1 2020 10:00 EST', 'Jul 4 2021 10:00 EDT', '2020-07-02 10:00 MST', 'Jul 1 2020 10:00 PST', ' 2020-07-02', '2020-07-02 ', '2020-07-02T10:00 Z', '2020-07-02T10:00 +02:00', '2020-07-02T10:00+25:00',
  '2020-03-00', '2020-13-01', '2020-02-30', '2020-03-32', '2020-03-05T24:00:00', '2020-03-05T24:00:01', '2020-03-05T25:00', '2020-03-05T10:60', '2020', '2020-03', '+012020-03-05T10:00Z',
  'Mar 5, 2020', 'March 5, 2020 10:00', '5 March 2020 10:00:00 GMT', 'Thu, 05 Mar 2020 10:00:00 GMT', 'Thu Mar 05 2020 10:00:00 GMT+0100 (CET)', '3/10/2024', '3/10/2024 5:00 PM',
  '2024/03/10', '2024/03/10 02:30', '', 'nonsense', 'Invalid Date', '1999-12-31T23:59:59.999', '2020-03-05T10:00:05.1', '2020-03-05T10:00:05.12345', ' 2020-03-05T10:00Z ', 'Jan 1 1970 00:00:00 UTC',
];

const shown = date => (Number.isNaN(date.getTime()) ? 'invalid' : `${date.toISOString()} ${date.getFullYear()}-${date.getMonth()}-${date.getDate()} ${date.getHours()}:${date.getMinutes()} ${date.getTimezoneOffset()}`);

export function lines() {
  const all = [];
  for (const text of TEXTS) all.push(`text ${text}: ${shown(new Date(text))} ${Date.parse(text)}`);
  // Every half hour around the changes of the clock, made in every way.
  for (const [month, days] of [[2, 31], [3, 9], [9, 31], [10, 5]]) {
    for (let half = 0; half < days * 48; half++) {
      const made = new Date(2024, month, 1, 0, half * 30);
      const set = new Date(2024, month, 1);
      set.setMinutes(half * 30);
      const stepped = new Date(2024, 0, 1, 1, 30);
      stepped.setMonth(month, 1 + Math.floor(half / 48));
      stepped.setHours(Math.floor((half % 48) / 2), (half % 2) * 30, 5, 7);
      const iso = `2024-${String(month + 1).padStart(2, '0')}-${String(1 + Math.floor(half / 48)).padStart(2, '0')}T${String(Math.floor((half % 48) / 2)).padStart(2, '0')}:${half % 2 ? '30' : '00'}`;
      all.push(`${month} ${half}: ${made.getTime()} ${set.getTime()} ${stepped.getTime()} ${iso} ${new Date(iso).getTime()}`);
    }
  }
  let steps = 0;
  for (const date = new Date(2024, 10, 3); date < new Date(2024, 10, 4) && steps < 100; date.setHours(date.getHours() + 1)) steps += 1;
  all.push(`steps ${steps}`);
  const odd = [new Date(NaN), new Date(2024, 0), new Date(99, 0), new Date(10, 0), new Date(2024, 12, 0), new Date(undefined), new Date(null), new Date('5'), new Date(true), new Date(8.64e15 + 1), new Date(new Date(7))];
  all.push(odd.map(shown).join(' | '));
  const broken = new Date(NaN);
  all.push(String([broken.setHours(1), broken.setFullYear(2020), broken.getMonth()]));
  const unset = new Date(5);
  all.push(String([unset.setHours(NaN), unset.getTime(), new Date(5).setMonth(undefined), new Date(5).setDate('3')]));
  let big;
  try { big = new Date(5n).getTime(); } catch (error) { big = error.name; }
  all.push(String(big));
  class Moment extends Date { year() { return this.getFullYear(); } }
  const moment = new Moment(2024, 5, 15, 12);
  all.push([moment.year(), moment instanceof Date, moment instanceof Moment, Object.prototype.toString.call(moment), Date.name, Date.length, typeof Date(), Date.prototype.constructor === Date,
    new Date(2024, 0, 1).constructor === Date, JSON.stringify(new Date(5)), new Date({ valueOf: () => 5 }).getTime(), new Date({ toString: () => '2020-01-01T00:00Z', valueOf: undefined }).getTime()].join(' '));
  // Comparators as people write them.
  const items = Array.from({ length: 200 }, (_, at) => ({ at, group: (at * 7919) % 13, name: `n${(at * 31) % 50}` }));
  const orders = [
    (a, b) => (a.group < b.group ? -1 : 1), (a, b) => a.name > b.name, (a, b) => a.group - b.group, (a, b) => b.group - a.group || a.at - b.at, () => 0, () => 1, () => -1,
    (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0), (a, b) => a.group >= b.group, () => undefined, () => NaN, (a, b) => String(a.group - b.group),
  ];
  for (const [index, order] of orders.entries()) {
    for (const count of [0, 1, 2, 3, 10, 15, 16, 17, 33, 100, 200]) {
      const list = items.slice(0, count);
      all.push(`order ${index} ${count}: ${list.toSorted(order).map(item => item.at).join(',')} ${list.sort(order) === list}`);
    }
  }
  const holes = [3, , undefined, 1, , 2];
  holes.sort((a, b) => a - b);
  all.push(`${JSON.stringify(holes)} ${Object.keys(holes)} ${holes.length}`);
  all.push(JSON.stringify(Array.prototype.sort.call({ 0: 'b', 1: 'a', length: 2 }, (a, b) => (a < b ? -1 : 1))));
  let refused;
  try { [1, 2].sort('x'); } catch (error) { refused = error.name; }
  all.push(`${refused} ${[3, 1, 2].sort()} ${[3, 1, 2].sort(undefined)} ${[1, 2].toSorted === Array.prototype.toSorted}`);
  return all;
}
