'use strict';
// Finds the project's own MongoDB driver and mongoose, and connects.

const fs = require('fs');
const Module = require('module');
const path = require('path');

const OLDEST = 4;
const NEWEST = 7;

class Unusable extends Error {
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

function resolveFrom(file, name) {
  try {
    return Module.createRequire(file).resolve(name);
  } catch {
    return undefined;
  }
}

/** The folder of a package that one of its files was found in, and what its package.json says. */
function packageOf(file) {
  for (let folder = path.dirname(file); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    try {
      const facts = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
      if (facts.name && facts.version) return { folder, name: facts.name, version: facts.version };
    } catch {
      // Not there, or no package.json: further up.
    }
  }
  return undefined;
}

const majorOf = version => Number.parseInt(version, 10);

/** Where driver and mongoose are, seen from a migration; throws `Unusable`. */
function locate(entry, root, useMongoose) {
  const starts = [entry, path.join(root, 'package.json')];
  const find = name => starts.map(start => resolveFrom(start, name)).find(Boolean);
  const mongooseFile = find('mongoose');
  if (useMongoose && !mongooseFile) {
    throw new Unusable('mongoose is not installed in the project', 'run `npm install mongoose`, or take `mongoose = true` out of the table [node]');
  }
  const itsDriver = mongooseFile && resolveFrom(mongooseFile, 'mongodb');
  const driverFile = (useMongoose ? itsDriver : undefined) ?? find('mongodb') ?? itsDriver;
  if (!driverFile) {
    throw new Unusable('the package mongodb is not installed in the project', 'run `npm install mongodb`: migrations in Node.js use the driver of your project');
  }
  const { folder, version } = packageOf(driverFile) ?? {};
  const major = majorOf(version ?? '');
  if (!(major >= OLDEST)) {
    throw new Unusable(`the project's driver, mongodb ${version ?? 'of unknown version'}, is too old`, `migrations in Node.js need mongodb ${OLDEST} to ${NEWEST}: npm install mongodb@${NEWEST}`);
  }
  if (major > NEWEST) {
    throw new Unusable(`the project's driver, mongodb ${version}, is newer than this version of Whimbrel knows`, `it can work with mongodb ${OLDEST} to ${NEWEST}; a newer Whimbrel may know it`);
  }
  const mongoose = mongooseFile && { file: mongooseFile, ...packageOf(mongooseFile) };
  const bson = find('bson') ?? resolveFrom(driverFile, 'bson');
  return { file: driverFile, folder, version, mongoose, bson };
}

/** One of the driver's own modules; undefined where this version has none. */
function inner(located, name) {
  try {
    return require(path.join(located.folder, 'lib', name));
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** BSON as that driver writes it. */
function bsonOf(located) {
  const driver = require(located.file);
  const bson = driver.BSON ?? require(resolveFrom(located.file, 'bson'));
  const { serialize } = bson;
  const deserialize = bytes => bson.deserialize(bytes, { promoteValues: false, promoteBuffers: false, promoteLongs: false });
  return { serialize: document => Buffer.from(serialize(document)), deserialize };
}

function optionsOf({ serverSelectionTimeout, connectTimeout, appName }) {
  const options = {};
  if (appName) options.appName = appName;
  if (serverSelectionTimeout) options.serverSelectionTimeoutMS = serverSelectionTimeout;
  if (connectTimeout) options.connectTimeoutMS = connectTimeout;
  return options;
}

/** Does `make` with the connection string, again without each option that this driver does not know. */
async function withKnownOptions(settings, make) {
  for (let { uri } = settings; ;) {
    try {
      return await make(uri);
    } catch (error) {
      if (error?.name !== 'MongoParseError') throw error;
      const unknown = /^options? (\S+?),? (?:is|are) not supported/.exec(error.message)?.[1].toLowerCase();
      const [head, query = ''] = uri.split(/\?(.*)/s);
      const kept = query.split('&').filter(pair => pair.split('=')[0].toLowerCase() !== unknown);
      const shorter = `${head}?${kept.join('&')}`;
      if (unknown === undefined || shorter === uri) {
        throw new Unusable('the project\'s driver cannot use the connection string', 'has it options that this version of mongodb does not know?');
      }
      uri = shorter;
    }
  }
}

/** A connected client of the project's driver. */
function connect(located, settings) {
  const { MongoClient } = require(located.file);
  return withKnownOptions(settings, async uri => {
    const client = new MongoClient(uri, optionsOf(settings));
    await client.connect();
    return client;
  });
}

/** Connects mongoose, unless the project did, and gives its client. */
async function connectMongoose(located, settings) {
  const mongoose = require(located.mongoose.file);
  const { connection } = mongoose;
  if (connection.readyState === 0 || connection.readyState === 3) {
    await withKnownOptions(settings, uri => mongoose.connect(uri, { ...optionsOf(settings), dbName: settings.database }));
  } else {
    await connection.asPromise();
  }
  if (connection.db?.databaseName !== settings.database) {
    throw new Unusable(
      `the project connected mongoose to the database ${connection.db?.databaseName}, and ${settings.database} is to be migrated`,
      'let Whimbrel connect mongoose: do not connect it in what a migration imports',
    );
  }
  return connection.getClient();
}

module.exports = { Unusable, bsonOf, connect, connectMongoose, inner, locate };
