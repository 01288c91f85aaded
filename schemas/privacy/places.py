"""Where something of a person stands: every table of the database is here, or there is a reason.

A table is found by the ids it holds of members and people, or by what it refers to
(``activities.privacy.holdings``); a test holds these rows to the tables there are.
"""

from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "people": "Hvem du er",
    "earlier_names": "Tidligere navn",
    "earlier_contacts": "Tidligere adresser, telefon og e-post",
    "consents": "Samtykker",
    "newsletter_subscriptions": "Nyhetsbrev",
    "memberships": "Medlemskap og søknader",
    "members": "Medlemskap som gjelder nå",
    "applications": "Søknaden, slik den kom og ble rettet",
    "rejected_intakes": "Søknader som ikke kunne tas imot",
    "imported_members": "Overført fra et annet register",
    "decisions": "Vedtak og hendelser",
    "decision_actors": "Hvem som sendte det vedtakene svarer på",
    "decision_approvals": "Vedtak som to sto bak",
    "decision_consents": "Samtykker som vedtak bygger på",
    "remarks": "Det som ble skrevet til vedtakene",
    "kept_records": "Det medlemskapet husket ved siste vedtak",
    "merges": "Slått sammen fra flere registreringer",
    "merge_undoings": "Sammenslåinger som ble omgjort",
    "merged_memberships": "Medlemskap som ble slått sammen",
    "double_charges": "Måneder som var belastet to ganger",
    "terms": "Hva du betaler, og fra når",
    "reassessments": "Venter på ny beregning",
    "invoices": "Fakturaer og kreditnotaer",
    "charges": "Kontingent og premie, måned for måned",
    "carried_charges": "Belastninger som ble med til en senere liste",
    "carried_over": "Til gode som ble med til en senere liste",
    "corrections": "Rettelser",
    "entries": "Føringer i regnskapet",
    "dues_quarantine": "Måneder som ikke kunne belastes",
    "payments": "Betalinger",
    "bank_entries": "Det banken fortalte om betalingene",
    "payment_reports": "Betalinger som ble meldt",
    "payments_in_suspense": "Betalinger som venter på avklaring",
    "allocations": "Hva betalingene ble brukt til",
    "payment_choices": "Valgt betalingsmåte",
    "mandates": "AvtaleGiro-avtaler",
    "mandate_reports": "Det banken fortalte om avtalene",
    "claims": "Krav sendt til AvtaleGiro",
    "claim_cancellations": "Krav som ble slettet",
    "claim_returns": "Krav som kom tilbake",
    "refunds": "Tilbakebetalinger",
    "refund_parts": "Hva tilbakebetalingene består av",
    "refund_statuses": "Det banken svarte om tilbakebetalingene",
    "recoveries": "Tilbakebetalt beløp som banken også trakk tilbake",
    "final_settlements": "Sluttoppgjør",
    "arrears_steps": "Purringer og varsler",
    "overdue_invoices": "Forfalte fakturaer",
    "reminder_holds": "Purrestopp",
    "payment_plans": "Nedbetalingsplaner",
    "payment_plan_instalments": "Avdrag",
    "payment_plan_ends": "Nedbetalingsplaner som er over",
    "write_offs": "Ettergitte beløp",
    "write_off_requests": "Beløp som noen ville ettergi",
    "reinstatements": "Gjenopptatt etter betaling",
    "deduction_lines": "Lister til arbeidsgiver om trekk i lønn",
    "deductions": "Det arbeidsgiver svarte",
    "deduction_corrections": "Arbeidsgivers rettelser",
    "line_decisions": "Avgjørelser om trekk",
    "over_deductions": "Trukket for mye",
    "redirections": "Trekk som ble til faktura",
    "withheld_lines": "Holdt tilbake fra lister",
    "report_lines": "Linjer i arbeidsgivers filer",
    "letters": "Brev og meldinger",
    "letter_resends": "Brev sendt på nytt",
    "mail_reports": "Det e-postserveren svarte",
    "disclosures": "Hvem som har fått opplysninger om deg, og hvorfor",
    "price_notice_lines": "Nye priser meldt til arbeidsgiver",
    "tax_statements": "Årsoppgaver",
    "tax_delivery_lines": "Meldt til Skatteetaten",
    "tax_objections": "Reservasjon mot fradrag",
    "insurance_told": "Meldt til forsikringskontoret",
    "insurance_numbers": "Nummer hos forsikringskontoret",
    "tasks": "Oppgaver for saksbehandlere",
    "case_moves": "Hvem som har hatt sakene dine",
    "holds": "Satt på vent",
    "audit_findings": "Funn i den nattlige kontrollen",
    "erased_memberships": "Sletting som er bestilt",
    "erasure_holds": "Hvorfor sletting må vente",
    "runs_to_delete": "Spor av saksgangen som er i ferd med å slettes",
}
"""What is handed out of each table, by the words a member reads, in the order of reading."""

BY_WHAT: Mapping[str, tuple[str, str, str]] = {
    "bank_entries": ("reference", "payments", "reference"),
    "mandate_reports": ("payer", "mandates", "payer"),
    "newsletter_subscriptions": ("email_key", "people", "email_key"),
    "runs_to_delete": ("workflow_id", "memberships", "membership_id"),
}
"""What refers to nobody: its column, and of which table's column that is the value."""

NOBODYS: Mapping[str, str] = {
    "access_log": "who looked, by name: the data-protection officer reads it with `access-log`",
    "ended_logins": "ids of logins that are over, of those who work here",
    "built_charges": "copies of charges while a month is being built",
    "built_comparisons": "marks while a month is being built",
    "built_corrections": "copies of corrections while a month is being built",
    "built_entries": "copies of entries while a month is being built",
    "built_invoices": "copies of invoices while a month is being built",
    "branch_payouts": "what a branch is paid, which is nobody's money",
}
"""What would be found of a member, and why it is not handed out."""

DERIVED = frozenset({"name_key", "email_key", "content_hash", "number_print", "person_print"})
"""Columns that are made from others, to find or to compare."""
