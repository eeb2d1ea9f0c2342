// Query operators.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const users = db.collection('users');
  const emails = async filter => (await users.find(filter).sort({ email: 1 }).toArray()).map(user => user.email);
  const filters = [
    {}, { age: { $gt: 40 } }, { age: { $type: 'string' } }, { tags: 'math' }, { tags: { $all: ['math', 'poetry'] } },
    { tags: { $size: 0 } }, { tags: { $elemMatch: { $eq: 'logic' } } },
    { 'address.city': { $in: ['London', /^A/] } }, { nickname: null }, { nickname: { $exists: false } },
    { $or: [{ age: 36 }, { active: false }] }, { $nor: [{ active: true }, { age: 41 }] },
    { name: /a/i }, { name: { $regex: '^a', $options: 'i' } }, { email: { $not: /example/ } },
    { $expr: { $gt: [{ $strLenCP: { $ifNull: ['$name', ''] } }, 8] } }, { age: { $mod: [2, 0] } },
    { created: { $lt: new Date('2020-02-15') } }, { logins: 12 }, { _id: { $nin: [] } }, { address: { city: 'New York' } },
    { $and: [{}, { active: true }] }, { age: { $not: { $gt: 1 } } }, { $comment: 'why', age: 36 },
  ];
  for (const [index, filter] of filters.entries()) await note(`filter ${index}`, await emails(filter));
  await attempt('unknown operator', () => emails({ age: { $nope: 1 } }));
  await attempt('unknown top-level operator', () => emails({ $nope: 1 }));
  await attempt('$or is no array', () => emails({ $or: {} }));
}
