// The same as `observe.cjs`, for ES modules.

import observed from './observe.cjs';

export const { observe, describe } = observed;
