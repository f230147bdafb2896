export const bind: string;
export const connect: string;
export const connection: string;
export const handlers: string;
export const reply: string;
