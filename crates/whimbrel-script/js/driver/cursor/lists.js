// Cursors over what commands list: collections, indexes, search indexes, and any command of the script's own.

import { MongoAPIError } from '../errors.js';
import { inDatabase, resolve } from '../options.js';
import { SCOPE, hide } from '../symbols.js';
import { AbstractCursor } from './abstract.js';
import { AggregationCursor } from './aggregation.js';

export class ListCollectionsCursor extends AbstractCursor {
  constructor(db, filter, options) {
    super(inDatabase(db[SCOPE], options), options ?? {});
    hide(this, { parent: db, options });
    this.filter = filter;
    this.label = 'listCollections';
  }

  request() {
    const { batchSize, nameOnly, authorizedCollections, comment, maxTimeMS } = this.given;
    const command = {
      listCollections: 1, filter: this.filter, cursor: batchSize ? { batchSize } : {}, nameOnly: Boolean(nameOnly),
      authorizedCollections: Boolean(authorizedCollections),
    };
    if (comment !== undefined) command.comment = comment;
    if (typeof maxTimeMS === 'number') command.maxTimeMS = maxTimeMS;
    return { command, batchSize };
  }

  clone() { return new ListCollectionsCursor(this.parent, this.filter, { ...this.options, ...this.given, signal: undefined }); }
}

export class ListIndexesCursor extends AbstractCursor {
  constructor(collection, options) {
    super(inDatabase(collection[SCOPE], options), resolve(collection[SCOPE], options));
    hide(this, { parent: collection, options });
    this.label = `listIndexes on ${collection.collectionName}`;
  }

  request() {
    const { batchSize, comment, maxTimeMS } = this.given;
    const command = { listIndexes: this.parent.collectionName, cursor: batchSize ? { batchSize } : {} };
    if (comment !== undefined) command.comment = comment;
    if (typeof maxTimeMS === 'number') command.maxTimeMS = maxTimeMS;
    return { command, batchSize };
  }

  clone() { return new ListIndexesCursor(this.parent, { ...this.options, ...this.given }); }
}

export class ListSearchIndexesCursor extends AggregationCursor {
  constructor(collection, name, options = {}) {
    const { readConcern, writeConcern, ...given } = resolve(collection[SCOPE], options);
    super(collection[SCOPE], [{ $listSearchIndexes: name === null ? {} : { name } }], given);
    this.label = `listSearchIndexes on ${collection.collectionName}`;
  }
}

/** What a cursor over the script's own command refuses, because the command says it. */
const refuse = message => { throw new MongoAPIError(message); };
const onCommand = (name, setter) => `${name} must be configured on the command document directly, to configure `
  + `getMore.${name} use cursor.${setter}()`;

export class RunCommandCursor extends AbstractCursor {
  constructor(db, command, options = {}) {
    super(db[SCOPE], { ...resolve({ ...db[SCOPE], readConcern: undefined, writeConcern: undefined }, options), comment: undefined });
    this.command = Object.freeze({ ...command });
    this.getMoreOptions = {};
    this.label = `command ${Object.keys(this.command)[0]}`;
  }

  setComment(comment) {
    this.getMoreOptions.comment = comment;
    return this;
  }

  setMaxTimeMS(maxTimeMS) {
    this.getMoreOptions.maxAwaitTimeMS = maxTimeMS;
    return this;
  }

  setBatchSize(batchSize) {
    this.getMoreOptions.batchSize = batchSize;
    return this;
  }

  request() { return { command: { ...this.command }, batchSize: this.getMoreOptions.batchSize }; }

  clone() { refuse('Clone not supported, create a new cursor with db.runCursorCommand'); }
  withReadConcern() { refuse('RunCommandCursor does not support readConcern it must be attached to the command being run'); }
  addCursorFlag() { refuse('RunCommandCursor does not support cursor flags, they must be attached to the command being run'); }
  maxTimeMS() { refuse(onCommand('maxTimeMS', 'setMaxTimeMS')); }
  batchSize() { refuse(onCommand('batchSize', 'setBatchSize')); }
}

