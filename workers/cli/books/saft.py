"""SAF-T Financial 1.30: the file that an auditor or the tax authority may ask for.

Source: the tax administration's schema and technical description of Norwegian SAF-T Financial.
"""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from schemas.books.balances import trial_balance, vouchers
from schemas.books.contracts import Account, Balance, Books, Voucher, VoucherLine
from schemas.shared.amounts import in_kroner
from workers import VERSION
from workers.cli.books.files import SOURCES
from workers.settings import UnionSettings

NAMESPACE = "urn:StandardAuditFile-Taxation-Financial:NO"

SOFTWARE = "Medlemsflyt"


def audit_file(books: Books, union: UnionSettings, created: date) -> bytes:
    """Return the books of a span of days as XML.

    Vouchers stand for a day each and name no member, so there is no list of customers: receivables
    are one account of members and one of employers.

    Args:
        books: what was booked, with the balances before.
        union: whose books they are.
        created: the business date.
    """
    root = Element("AuditFile", xmlns=NAMESPACE)
    _header(root, books, union, created)
    accounts = SubElement(SubElement(root, "MasterFiles"), "GeneralLedgerAccounts")
    balances = {at.number: at for at in trial_balance(books)}
    for number, same in groupby(books.chart, lambda account: account.number):
        _account(accounts, balances[number], next(same))
    _entries(root, vouchers(books), balances.values())
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _texts(parent: Element, texts: Iterable[tuple[str, object]]) -> None:
    for name, value in texts:
        SubElement(parent, name).text = str(value)


def _header(root: Element, books: Books, union: UnionSettings, created: date) -> None:
    header = SubElement(root, "Header")
    _texts(
        header,
        [
            ("AuditFileVersion", "1.30"),
            ("AuditFileCountry", "NO"),
            ("AuditFileDateCreated", created),
            ("SoftwareCompanyName", SOFTWARE),
            ("SoftwareID", SOFTWARE),
            ("SoftwareVersion", VERSION),
        ],
    )
    company = SubElement(header, "Company")
    _texts(company, [("RegistrationNumber", union.orgnr), ("Name", union.name)])
    contact = SubElement(company, "Contact")
    # The schema asks for a person; this is how it says that there is only a name in one piece.
    person = SubElement(contact, "ContactPerson")
    _texts(person, [("FirstName", "NotUsed"), ("LastName", union.name[:70])])
    _texts(contact, [("Email", union.email)])
    bank = SubElement(company, "BankAccount")
    _texts(bank, [("BankAccountNumber", union.account_number)])
    _texts(header, [("DefaultCurrencyCode", "NOK")])
    selection = SubElement(header, "SelectionCriteria")
    _texts(selection, [("SelectionStartDate", books.first), ("SelectionEndDate", books.last)])
    _texts(header, [("TaxAccountingBasis", "A")])


def _account(accounts: Element, balance: Balance, account: Account) -> None:
    element = SubElement(accounts, "Account")
    _texts(
        element,
        [
            ("AccountID", balance.number),
            ("AccountDescription", balance.title[:256]),
            ("GroupingCategory", account.grouping_category),
            ("GroupingCode", account.grouping_code),
            ("AccountType", "GL"),
            _side("Opening", balance.opening_ore),
            _side("Closing", balance.closing_ore),
        ],
    )


def _side(when: str, ore: int) -> tuple[str, str]:
    return f"{when}{'Credit' if ore < 0 else 'Debit'}Balance", in_kroner(abs(ore))


def _entries(root: Element, found: tuple[Voucher, ...], balances: Iterable[Balance]) -> None:
    entries = SubElement(root, "GeneralLedgerEntries")
    standing = list(balances)
    _texts(
        entries,
        [
            ("NumberOfEntries", len(found)),
            ("TotalDebit", in_kroner(sum(at.debit_ore for at in standing))),
            ("TotalCredit", in_kroner(sum(at.credit_ore for at in standing))),
        ],
    )
    by_source = sorted(found, key=lambda voucher: (voucher.source, voucher.day))
    for source, same in groupby(by_source, lambda voucher: voucher.source):
        journal = SubElement(entries, "Journal")
        _texts(journal, [("JournalID", source), ("Description", SOURCES[source]), ("Type", "GL")])
        for voucher in same:
            _transaction(journal, voucher)


def _transaction(journal: Element, voucher: Voucher) -> None:
    transaction = SubElement(journal, "Transaction")
    _texts(
        transaction,
        [
            ("TransactionID", voucher.voucher_id),
            ("Period", voucher.day.month),
            ("PeriodYear", voucher.day.year),
            ("TransactionDate", voucher.day),
            ("Description", SOURCES[voucher.source]),
            ("SystemEntryDate", voucher.day),
            ("GLPostingDate", voucher.day),
        ],
    )
    for serial, line in enumerate(voucher.lines, 1):
        _line(transaction, serial, line, SOURCES[voucher.source])


def _line(transaction: Element, serial: int, line: VoucherLine, says: str) -> None:
    element = SubElement(transaction, "Line")
    _texts(element, [("RecordID", serial), ("AccountID", line.number), ("Description", says)])
    side = SubElement(element, "DebitAmount" if line.debit_ore else "CreditAmount")
    _texts(side, [("Amount", in_kroner(line.debit_ore or line.credit_ore))])
