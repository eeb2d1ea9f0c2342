// Migration: 001 initial setup
// Description: The first products, with their prices in cents
// Created: 2026-11-28

import { inCents } from '../helpers/money.js';

const products = [
  { _id: 'tea', price: '2.50' },
  { _id: 'coffee', price: '3.20' },
];

export default async function up(db) {
  for (const { _id, price } of products) {
    await db.collection('products').updateOne(
      { _id },
      { $setOnInsert: { cents: inCents(price) } },
      { upsert: true },
    );
  }
}

export async function rollback(db) {
  await db.collection('products').deleteMany({ _id: { $in: products.map((product) => product._id) } });
}
