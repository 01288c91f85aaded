import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

const { GATEWAY, SYSTEM_TOKEN, CASEWORKER_TOKEN } = process.env;

const as = (token?: string) =>
  createClient<paths>({ baseUrl: GATEWAY!, headers: { Authorization: `Bearer ${token}` } });
const system = as(SYSTEM_TOKEN);
const caseworker = as(CASEWORKER_TOKEN);

type Problem = components["schemas"]["Problem"];
type State = components["schemas"]["MembershipState"];

/** Returns what was answered. A refusal is a problem, with a code to rely on. */
function answered<T>({ data, error }: { data?: T; error?: Problem }): T {
  if (data === undefined) throw new Error(`${error?.code}: ${error?.detail}`);
  return data;
}

// The id is made of the key: the same request again, however late, starts nothing twice.
const key = randomUUID();
const path = { membership_id: `membership-${key}` };

/** Sends a message, and prints what it came to. The same key again gets the same answer. */
async function sent(message: string, request: Promise<{ data?: { says: string }; error?: Problem }>) {
  console.log(`${message}: ${answered(await request).says}`);
}

/** Asks until the membership has come as far as somebody wants to see it. */
async function reached(isThere: (state: State) => boolean): Promise<State> {
  for (;;) {
    const state = answered(
      await system.GET("/api/v1/memberships/{membership_id}", { params: { path } }),
    );
    if (isThere(state)) return state;
    await pause(200);
  }
}

answered(
  await system.POST("/api/v1/memberships", {
    params: { header: { "Idempotency-Key": key } },
    body: {
      applicant: { name: "Ola Nordmann", birth_date: "1990-02-01", email: `${key}@example.org` },
      category: "ordinary",
      consents: { terms: true },
    },
  }),
);
await reached((state) => state.stage === "under_review");

await sent(
  "approved",
  caseworker.POST("/api/v1/memberships/{membership_id}/messages/decide_application", {
    params: { path, header: { "Idempotency-Key": "decision-1" } },
    body: { decision: "approve", caseworker: "ola" },
  }),
);
const member = await reached((state) => state.first_invoice != null);
const { kid, total_ore } = member.first_invoice!;

await sent(
  "paid",
  system.POST("/api/v1/memberships/{membership_id}/messages/record_payment", {
    params: { path, header: { "Idempotency-Key": "payment-1" } },
    body: { reference: `B-${key}`, kid, amount_ore: total_ore, paid_on: member.member_since! },
  }),
);
await sent(
  "resigned",
  system.POST("/api/v1/memberships/{membership_id}/messages/resign", {
    params: { path, header: { "Idempotency-Key": "resignation-1" } },
    body: { received_on: member.member_since! },
  }),
);
const leaving = await reached((state) => state.leaves_on != null);
console.log(`leaves on ${leaving.leaves_on}, and was written to:`);

const letters = answered(
  await caseworker.GET("/api/v1/memberships/{membership_id}/documents", { params: { path } }),
);
for (const letter of letters.items) console.log(`- ${letter.template}, ${letter.status}`);
