'use strict';
// A webhook receiver in this process: answers every POST with 200 and keeps it.

const http = require('node:http');

class Receiver {
  deliveries = [];

  static async start() {
    const receiver = new Receiver();
    receiver.server = http.createServer((request, response) => {
      const pieces = [];
      request.on('data', (piece) => pieces.push(piece));
      request.on('end', () => {
        receiver.deliveries.push({
          path: request.url,
          headers: request.headers,
          eventId: request.headers['x-razorpay-event-id'],
          body: Buffer.concat(pieces),
        });
        response.end();
      });
    });
    await new Promise((resolve, reject) => {
      receiver.server.once('error', reject);
      receiver.server.listen(0, '127.0.0.1', resolve);
    });
    receiver.url = `http://127.0.0.1:${receiver.server.address().port}/hook`;
    return receiver;
  }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }

  // Waits until `count` different events are here, at most `seconds`. Gives the
  // first delivery of each event, in order of arrival.
  async waitFor(count, seconds) {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const first = new Map();
      for (const delivery of this.deliveries) {
        if (!first.has(delivery.eventId)) first.set(delivery.eventId, delivery);
      }
      if (first.size >= count || Date.now() >= deadline) return [...first.values()];
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

module.exports = { Receiver };
