export const roles = ['member', 'admin'];
