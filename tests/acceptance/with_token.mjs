// Loaded before a client that can't set headers itself and wants a terminal: adds the token of THREADWORK_TOKEN to each
// request, and lets it take standard input for one.
process.stdin.setRawMode ??= () => process.stdin;
const send = globalThis.fetch;
globalThis.fetch = (address, options = {}) => {
  const headers = new Headers(options.headers);
  headers.set("authorization", `Bearer ${process.env.THREADWORK_TOKEN}`);
  return send(address, { ...options, headers });
};
