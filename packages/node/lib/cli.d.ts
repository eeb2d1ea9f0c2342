// Runs the command line with the arguments of the process, and ends it.
export {};
