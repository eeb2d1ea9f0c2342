// Migration: 003 opening gift
// Description: Models and plain collections in one transaction: all of it happens, or nothing
// Created: 2026-11-28

import type { Db } from 'mongodb';
import { Account } from '../../models/account';

export const transaction = true;

export default async function up(db: Db): Promise<void> {
  const { modifiedCount } = await Account.updateMany({}, { $inc: { balance: 10 } });
  await db.collection('ledger').insertOne({ kind: 'gift', accounts: modifiedCount, amount: 10 });
}

export async function rollback(db: Db): Promise<void> {
  await Account.updateMany({}, { $inc: { balance: -10 } });
  await db.collection('ledger').deleteOne({ kind: 'gift' });
}
