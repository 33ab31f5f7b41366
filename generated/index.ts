// Generated from asyncapi.yaml, openapi.yaml and schemas/ by `npm run generate`. Do not edit.

export * from './channel.js';
export * from './codec.js';
export * from './requirements.js';
export * from './types.js';
export * from './validators.js';
