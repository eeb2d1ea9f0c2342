// What the module `mongodb` exports and a migration has no use for.
//
// Classes that do work which is not offered say so when they are made; classes that only carry facts to listeners are
// there so that imports and `instanceof` work.

import { AbstractCursor } from './cursor/abstract.js';
import { TypedEventEmitter } from './emitter.js';
import { notOffered } from './errors.js';

/** A class that cannot be made. */
function refused(name, Base, instead) {
  return {
    [name]: class extends Base {
      constructor() { throw notOffered(name, instead); }
    },
  }[name];
}

const FILES = 'read and write the collections `fs.files` and `fs.chunks` themselves, or use a tool for files';
const STREAM = 'a change stream has no place in work that ends; read what is there with find()';
const CRYPT = 'encrypt and decrypt in the application';

class Nothing {}

export const refusedClasses = {
  ClientEncryption: refused('ClientEncryption', Nothing, CRYPT),
  ChangeStream: refused('ChangeStream', TypedEventEmitter, STREAM),
  ChangeStreamCursor: refused('ChangeStreamCursor', AbstractCursor, STREAM),
  GridFSBucket: refused('GridFSBucket', TypedEventEmitter, FILES),
  GridFSBucketReadStream: refused('GridFSBucketReadStream', Nothing, FILES),
  GridFSBucketWriteStream: refused('GridFSBucketWriteStream', Nothing, FILES),
  MongoClientAuthProviders: refused('MongoClientAuthProviders', Nothing, 'the run is connected already'),
};

export class CancellationToken extends TypedEventEmitter {}

/** Events of connections and servers, of which nobody is told here. */
function eventClass(name, Base) {
  return { [name]: Base ? class extends Base {} : class {} }[name];
}

const ConnectionPoolMonitoringEvent = eventClass('ConnectionPoolMonitoringEvent');
const ServerSelectionEvent = eventClass('ServerSelectionEvent');
const PLAIN = ['CommandFailedEvent', 'CommandStartedEvent', 'CommandSucceededEvent', 'ServerClosedEvent', 'ServerDescriptionChangedEvent',
  'ServerHeartbeatFailedEvent', 'ServerHeartbeatStartedEvent', 'ServerHeartbeatSucceededEvent', 'ServerOpeningEvent',
  'TopologyClosedEvent', 'TopologyDescriptionChangedEvent', 'TopologyOpeningEvent', 'SrvPollingEvent'];
const POOL = ['ConnectionCheckedInEvent', 'ConnectionCheckedOutEvent', 'ConnectionCheckOutFailedEvent', 'ConnectionCheckOutStartedEvent',
  'ConnectionClosedEvent', 'ConnectionCreatedEvent', 'ConnectionPoolClearedEvent', 'ConnectionPoolClosedEvent',
  'ConnectionPoolCreatedEvent', 'ConnectionPoolReadyEvent', 'ConnectionReadyEvent'];
const SELECTION = ['ServerSelectionFailedEvent', 'ServerSelectionStartedEvent', 'ServerSelectionSucceededEvent',
  'WaitingForSuitableServerEvent'];

export const eventClasses = {
  ConnectionPoolMonitoringEvent, ServerSelectionEvent,
  ...Object.fromEntries(PLAIN.map(name => [name, eventClass(name)])),
  ...Object.fromEntries(POOL.map(name => [name, eventClass(name, ConnectionPoolMonitoringEvent)])),
  ...Object.fromEntries(SELECTION.map(name => [name, eventClass(name, ServerSelectionEvent)])),
};
