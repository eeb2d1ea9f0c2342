// up gives a promise that is rejected.
module.exports = { up: () => Promise.reject(Object.assign(new Error('rejected'), { code: 42, codeName: 'Answer' })) };
