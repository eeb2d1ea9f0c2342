// `readline`: a stream line by line. There is no terminal, so nothing can be asked, moved or cleared.

import { createInterface, Interface } from './readline/lines.js';
import promises from './readline/promises.js';

export default { Interface, createInterface, promises };
