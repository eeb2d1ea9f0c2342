// The command line of Whimbrel: node migrations/cli.js up
import 'whimbrel/cli';
