// Loaded before a stranger's server: it listens on the loopback and a port of the system's choice, and says which.
const net = require('net');
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...given) {
  const heard = given.find((each) => typeof each === 'function');
  return listen.call(this, { host: '127.0.0.1', port: 0 }, () => {
    process.stdout.write(`port ${this.address().port}\n`);
    if (heard) heard();
  });
};
