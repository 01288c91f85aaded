import { randomUUID } from "node:crypto";
import { Client, Connection, WorkflowIdReusePolicy } from "@temporalio/client";

const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS! });
const client = new Client({ connection, namespace: process.env.TEMPORAL_NAMESPACE! });

const key = randomUUID();
const membership = await client.workflow.start("Membership", {
  taskQueue: "membership",
  workflowId: `membership-${key}`,
  workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
  args: [
    {
      applicant: { name: "Kari Nordmann", birth_date: "1990-03-02", email: `${key}@example.org` },
      category: "ordinary",
      consents: { terms: true },
    },
  ],
});

// By the id alone: the run that holds the application is deleted soon after it has been kept.
const current = client.workflow.getHandle(membership.workflowId);
const answer = await current.executeUpdate("decide_application", {
  updateId: "decision-1",
  args: [{ decision: "approve", caseworker: "ola" }],
});
console.log(answer);
const { stage, terms } = await current.query<{ stage: string; terms: unknown[] }>("state");
console.log(stage, terms.length > 0);
await connection.close();
