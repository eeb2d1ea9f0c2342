// What `node -e` is given: reads the first message and starts the runner that is in it. Written so that a
// Node.js of any age understands it and can be told that it is too old.
/* eslint-disable no-var */
var fs = require('fs');
var vm = require('vm');

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
var modules = {};

function load(name) {
  if (modules[name]) return modules[name].exports;
  var module = { exports: {} };
  modules[name] = module;
  var run = vm.compileFunction(hello.files[name], ['require', 'module', 'exports'], { filename: 'whimbrel:node/' + name });
  run(function (wanted) { return wanted.slice(0, 2) === './' ? load(wanted.slice(2)) : require(wanted); }, module, module.exports);
  return module.exports;
}

load('main.js').start(hello, function (url) { return import(url); });
