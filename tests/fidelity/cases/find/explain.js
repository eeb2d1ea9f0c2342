// explain of a find: its shape.
import { observe } from '../../support/observe.js';

export default async function up(db) {
  const { note, attempt } = observe(db);
  const plan = await db.collection('users').find({ age: 36 }).explain();
  await note('keys', [typeof plan.queryPlanner, plan.ok]);
  const winning = await db.collection('users').find({ age: 36 }).explain('queryPlanner');
  await note('winning plan is an object', [typeof winning.queryPlanner?.winningPlan, winning.executionStats === undefined]);
  await attempt(
    'an option',
    async () => typeof (await db.collection('users').find({ age: 36 }, { explain: 'executionStats' }).toArray())[0].queryPlanner
  );
  await attempt(
    'findOne', async () => typeof (await db.collection('users').findOne({ age: 36 }, { explain: true })).queryPlanner
  );
}
