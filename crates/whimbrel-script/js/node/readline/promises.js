// `readline/promises`: the same interface; its promises would be answers, and nobody is there to give them.

import { createInterface, Interface } from './lines.js';

export default { Interface, createInterface };
