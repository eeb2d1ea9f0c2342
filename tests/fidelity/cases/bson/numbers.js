// Double and Int32 wrappers.
import { Double, Int32 } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  await note('double', [
    new Double(1.5).value, new Double(5).toString(), new Double(-0).toJSON(), new Double(5) + 1, `${new Double(2.5)}`,
    new Double(1).valueOf(), JSON.stringify(new Double(3)),
  ]);
  await note('int', [
    new Int32(5.7).value, new Int32('9').value, new Int32(2 ** 31).value, new Int32(5) * 2, JSON.stringify(new Int32(3)),
    new Int32(5).toString(2),
  ]);
  for (const [label, make] of Object.entries({
    text: () => new Double('1.5'), fromString: () => Double.fromString('1.5'), wrong: () => Double.fromString('x'),
    int: () => Int32.fromString('12'), 'wrong int': () => Int32.fromString('1.5'),
    'large int': () => Int32.fromString('2147483648'), 'boxed': () => new Double(Object(2)),
  })) await attempt(label, make);
  await db.collection('things').insertOne({ _id: 1, a: new Double(3), b: new Int32(3), c: 3, d: 3.0, e: [new Double(0)] });
  await db.collection('things').updateOne({ _id: 1 }, {
    $inc: { a: 1, b: 1, c: 1.5, f: new Double(1) }, $mul: { d: new Double(1) },
  });
  const doc = await db.collection('things').findOne();
  await db.collection('things').insertOne({ ...doc, _id: 2 });
}
