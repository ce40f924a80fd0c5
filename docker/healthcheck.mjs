// Asks the service in this container whether it is ready; the image has no curl. Exit code 0 or 1.
import { get } from 'node:http';

const { HOST = '0.0.0.0', PORT } = process.env;
const host = HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST;
const request = get({ host, port: PORT, path: '/health/ready', timeout: 4000 }, (response) => {
  process.exit(response.statusCode === 200 ? 0 : 1);
});
request.on('timeout', () => request.destroy(new Error('no answer in 4 s')));
request.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
