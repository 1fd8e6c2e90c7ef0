/**
 * Node's HTTP. An `import` of the module reads every one of its exports, and one of them, `WebSocket`, brings in Node's own
 * copy of undici: 15 ms of each start for something that nobody here uses. This way reads what is asked for. A lint rule
 * keeps other files from the `import`.
 */
export const { createServer, request, ServerResponse, STATUS_CODES } = process.getBuiltinModule('node:http');
