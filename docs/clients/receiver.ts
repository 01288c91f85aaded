import { createServer, type IncomingMessage } from "node:http";
import { Webhook } from "standardwebhooks";

interface CloudEvent {
  id: string;
  type: string;
  subject: string;
}

const webhook = new Webhook(process.env.WEBHOOK_SECRET!);
// Keep the ids in your database, in the transaction that deals with the event.
const done = new Set<string>();

/** Returns what we were sent, one event or a batch; undefined: not whole, or signed by somebody else. */
async function verified(request: IncomingMessage): Promise<CloudEvent[] | undefined> {
  try {
    let body = "";
    for await (const part of request.setEncoding("utf8")) body += part;
    return [webhook.verify(body, request.headers as Record<string, string>)].flat() as CloudEvent[];
  } catch {
    return undefined;
  }
}

const server = createServer(async (request, response) => {
  const events = await verified(request);
  for (const { id, type, subject } of events ?? []) {
    if (!done.has(id)) console.log(type, subject);
    done.add(id);
  }
  response.writeHead(events ? 204 : 401).end();
});
server.listen(Number(process.env.PORT ?? 8000), "127.0.0.1");
