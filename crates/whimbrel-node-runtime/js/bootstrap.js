// What `node -e` is given: reads the first message and starts the runner that is in it. Written so that an old
// Node.js understands it and can be told that it is too old.
/* eslint-disable no-var */
(function (load, require) {
  var fs = require('fs');
  var vm = require('vm');
  var Module = require('module');
  var OLDEST = [18, 19];

  function read(fd, length) {
    var buffer = Buffer.alloc(length);
    for (var at = 0; at < length;) {
      var count = fs.readSync(fd, buffer, at, length - at, null);
      if (count === 0) process.exit(0);
      at += count;
    }
    return buffer;
  }

  var hello = JSON.parse(read(3, read(3, 4).readUInt32LE(0)).toString('utf8'));
  var version = process.versions.node.split('.').map(Number);
  if (version[0] < OLDEST[0] || (version[0] === OLDEST[0] && version[1] < OLDEST[1])) {
    var head = Buffer.from(JSON.stringify({ type: 'ready', tooOld: true, version: process.version }), 'utf8');
    var start = Buffer.alloc(8);
    start.writeUInt32LE(4 + head.length, 0);
    start.writeUInt32LE(head.length, 4);
    fs.writeSync(4, Buffer.concat([start, head]));
    process.exit(0);
  }

  // `-e` makes globals that a file does not have.
  ['require', 'module', 'exports', '__filename', '__dirname'].concat(Module.builtinModules).forEach(function (name) {
    var its = Object.getOwnPropertyDescriptor(globalThis, name);
    if (its && its.configurable && ['console', 'process', 'crypto', 'performance'].indexOf(name) < 0) delete globalThis[name];
  });

  var modules = {};

  function part(name) {
    if (modules[name]) return modules[name].exports;
    var module = { exports: {} };
    modules[name] = module;
    var run = vm.compileFunction(hello.files[name], ['require', 'module', 'exports'], { filename: 'whimbrel:node/' + name });
    run(function (wanted) { return wanted.slice(0, 2) === './' ? part(wanted.slice(2)) : require(wanted); }, module, module.exports);
    return module.exports;
  }

  part('main.js').start(hello, load);
})(function (url) { return import(url); }, require);
