// A server that migrates its database before it serves: Express and the official driver.

import express from 'express';
import { MongoClient } from 'mongodb';
import AutoMigrator from './migrations/autoMigrate.js';

const { MONGODB_URI = 'mongodb://localhost:27017/social', PORT = '3000' } = process.env;

// However many replicas start at this moment, one of them migrates and the others wait for it.
const migrations = new AutoMigrator({ uri: MONGODB_URI });
await migrations.runOnStartup({ exitOnError: true });

const client = await new MongoClient(MONGODB_URI).connect();
const posts = client.db().collection('posts');
const app = express();

app.get('/posts', async (_request, response) => {
  response.json(await posts.find().sort({ createdAt: -1 }).limit(20).toArray());
});

app.get('/health/migrations', async (_request, response) => {
  const status = await migrations.checkMigrationStatus();
  response.status(status.upToDate ? 200 : 503).json(status);
});

const server = app.listen(Number(PORT), error => {
  if (error) throw error;
  console.log(`listening on port ${server.address().port}`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(async () => {
      await migrations.close();
      await client.close();
    });
    server.closeIdleConnections();
  });
}
