// explain of an aggregation: its shape.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note } = observe(db);
  const plan = await db.collection('orders').aggregate([{ $match: { _id: 1 } }]).explain();
  await note('an object', [typeof plan, plan.ok, Array.isArray(plan.stages) || typeof plan.queryPlanner === 'object']);
  const list = await db.collection('orders').aggregate([{ $match: { _id: 1 } }], { explain: true }).toArray();
  await note('as an option', [Array.isArray(list), list.length]);
}
