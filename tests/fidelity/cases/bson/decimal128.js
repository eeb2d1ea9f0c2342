// Decimal128.
import { Decimal128 } from 'mongodb';
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const texts = [
    '0', '-0', '1.50', '1E+3', '1e-6176', 'NaN', 'Infinity', '-inf', '123456789012345678901234567890.1234', '.5', '5.', '0.00',
    '9.999999999999999999999999999999999E+6144',
  ];
  for (const text of texts) await attempt(text, () => Decimal128.fromString(text).toString());
  for (const text of [
    '', 'x', '1.2.3', '1e99999', '12345678901234567890123456789012345678',
  ]) await attempt(`wrong ${text}`, () => Decimal128.fromString(text));
  await attempt('rounding', () => Decimal128.fromStringWithRounding('12345678901234567890123456789012345678').toString());
  await attempt('constructor', () => new Decimal128('2.5'));
  await attempt('number', () => new Decimal128(2.5));
  await note('json', JSON.stringify({ d: Decimal128.fromString('1.10') }));
  await db.collection('things').insertMany(texts.map((text, _id) => ({ _id, d: Decimal128.fromString(text) })));
  await db.collection('things').updateMany({ _id: { $in: [2, 3] } }, { $inc: { d: Decimal128.fromString('0.05') } });
  await note('read', (await db.collection('things').find().sort({ _id: 1 }).toArray()).map(doc => doc.d.toString()));
}
