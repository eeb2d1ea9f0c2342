import { NIL, parse, stringify, v1, v4, v5, v7, validate, version } from 'uuid';

export default async function up(db) {
  const ids = { v1: v1(), v4: v4(), v7: v7() };
  await db.collection('results').insertOne({
    _id: 'uuid',
    named: v5('example.org', v5.DNS),
    nil: NIL,
    round: stringify(parse('6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b')),
    versions: Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, validate(id) && version(id)])),
    differ: v4() !== v4(),
  });
}
