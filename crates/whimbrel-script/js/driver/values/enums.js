// The constants that the module `mongodb` exports.

/** A frozen object whose values are its keys. */
const named = (...names) => Object.freeze(Object.fromEntries(names.map(name => [name, name])));

export const BatchType = Object.freeze({ INSERT: 1, UPDATE: 2, DELETE: 3 });
export const AutoEncryptionLoggerLevel = Object.freeze({ FatalError: 0, Error: 1, Warning: 2, Info: 3, Trace: 4 });
export const GSSAPICanonicalizationValue = Object.freeze({
  on: true, off: false, none: 'none', forward: 'forward', forwardAndReverse: 'forwardAndReverse',
});
export const AuthMechanism = Object.freeze({
  MONGODB_AWS: 'MONGODB-AWS', MONGODB_DEFAULT: 'DEFAULT', MONGODB_GSSAPI: 'GSSAPI', MONGODB_PLAIN: 'PLAIN',
  MONGODB_SCRAM_SHA1: 'SCRAM-SHA-1', MONGODB_SCRAM_SHA256: 'SCRAM-SHA-256', MONGODB_X509: 'MONGODB-X509', MONGODB_OIDC: 'MONGODB-OIDC',
});
export const Compressor = Object.freeze({ none: 0, snappy: 1, zlib: 2, zstd: 3 });
export const CURSOR_FLAGS = ['tailable', 'oplogReplay', 'noCursorTimeout', 'awaitData', 'exhaust', 'partial'];
export const CursorTimeoutMode = Object.freeze({ ITERATION: 'iteration', LIFETIME: 'cursorLifetime' });
export const MongoErrorLabel = named('RetryableWriteError', 'TransientTransactionError', 'UnknownTransactionCommitResult',
  'ResumableChangeStreamError', 'HandshakeError', 'ResetPool', 'PoolRequestedRetry', 'InterruptInUseConnections', 'NoWritesPerformed',
  'RetryableError', 'SystemOverloadedError');
export const ExplainVerbosity = named('queryPlanner', 'queryPlannerExtended', 'executionStats', 'allPlansExecution');
export const ServerApiVersion = Object.freeze({ v1: '1' });
export const MongoLoggableComponent = Object.freeze({
  COMMAND: 'command', TOPOLOGY: 'topology', SERVER_SELECTION: 'serverSelection', CONNECTION: 'connection', CLIENT: 'client',
});
export const SeverityLevel = Object.freeze({
  EMERGENCY: 'emergency', ALERT: 'alert', CRITICAL: 'critical', ERROR: 'error', WARNING: 'warn', NOTICE: 'notice',
  INFORMATIONAL: 'info', DEBUG: 'debug', TRACE: 'trace', OFF: 'off',
});
export const ReturnDocument = Object.freeze({ BEFORE: 'before', AFTER: 'after' });
export const ProfilingLevel = Object.freeze({ off: 'off', slowOnly: 'slow_only', all: 'all' });
export const ReadConcernLevel = named('local', 'majority', 'linearizable', 'available', 'snapshot');
export const ReadPreferenceMode = named('primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest');
export const ServerType = named('Standalone', 'Mongos', 'PossiblePrimary', 'RSPrimary', 'RSSecondary', 'RSArbiter', 'RSOther',
  'RSGhost', 'Unknown', 'LoadBalancer');
export const TopologyType = named('Single', 'ReplicaSetNoPrimary', 'ReplicaSetWithPrimary', 'Sharded', 'Unknown', 'LoadBalanced');

/** All of them, by name. */
export const enums = {
  BatchType, AutoEncryptionLoggerLevel, GSSAPICanonicalizationValue, AuthMechanism, Compressor, CURSOR_FLAGS, CursorTimeoutMode,
  MongoErrorLabel, ExplainVerbosity, ServerApiVersion, MongoLoggableComponent, SeverityLevel, ReturnDocument, ProfilingLevel,
  ReadConcernLevel, ReadPreferenceMode, ServerType, TopologyType,
};
