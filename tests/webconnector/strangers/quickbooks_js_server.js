// A service made with quickbooks-js as its README shows: the requests come from a file, what is answered goes to standard output.
const fs = require('fs');
const Server = require('quickbooks-js');

const server = new Server();
server.setQBXMLHandler({
  fetchRequests: (callback) => callback(null, JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))),
  handleResponse: (response) => process.stdout.write(`response ${JSON.stringify(response)}\n`),
  didReceiveError: (error) => process.stdout.write(`error ${JSON.stringify(error)}\n`),
});
server.run();
