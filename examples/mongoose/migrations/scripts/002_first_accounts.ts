// Migration: 002 first accounts
// Description: Made through the model, so that its hooks and defaults apply
// Created: 2026-11-28

import { Account } from '../../models/account';

const OWNERS = ['Ada Lovelace', 'Grace Hopper'];

export default async function up(): Promise<void> {
  for (const owner of OWNERS) {
    const known = await Account.exists({ owner });
    if (!known) await Account.create({ owner, balance: 100 });
  }
  console.log(`${await Account.countDocuments()} accounts`);
}

export async function rollback(): Promise<void> {
  await Account.deleteMany({ owner: { $in: OWNERS } });
}
