// Split one field into two, in JavaScript.
export default async function up(db) {
  const legacy = db.collection('legacy');
  const cursor = legacy.find({ fullName: { $type: 'string' } });
  while (await cursor.hasNext()) {
    const { _id, fullName } = await cursor.next();
    const [firstName, ...rest] = fullName.trim().split(/\s+/);
    await legacy.updateOne({ _id }, {
      $set: { firstName, lastName: rest.length ? rest.join(' ') : null }, $unset: { fullName: '' },
    });
  }
}

export async function rollback(db) {
  await db.collection('legacy').updateMany({ firstName: { $exists: true } }, [
    { $set: { fullName: { $trim: { input: { $concat: ['$firstName', ' ', { $ifNull: ['$lastName', ''] }] } } } } },
    { $unset: ['firstName', 'lastName'] },
  ]);
}
