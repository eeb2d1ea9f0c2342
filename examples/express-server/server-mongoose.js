// The same with mongoose: migrations run in this process, on the connection of the application, and may use its models.

import express from 'express';
import mongoose from 'mongoose';
import AutoMigrator from './migrations/autoMigrate.js';
import { Post } from './models/post.js';

const { MONGODB_URI = 'mongodb://localhost:27017/social', PORT = '3000' } = process.env;

// Models join a migration's transaction; and indexes are made by migrations, not by whichever server starts first.
mongoose.set('transactionAsyncLocalStorage', true);
mongoose.set('autoIndex', false);
await mongoose.connect(MONGODB_URI);

const migrations = new AutoMigrator({ connection: mongoose.connection });
await migrations.runOnStartup({ exitOnError: true });

const app = express();

app.get('/posts', async (_request, response) => {
  response.json(await Post.find().sort({ createdAt: -1 }).limit(20).lean());
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
      await mongoose.disconnect();
    });
    server.closeIdleConnections();
  });
}
