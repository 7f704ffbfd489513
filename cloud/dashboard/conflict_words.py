"""Says what a conflict means, in English and French, so that a person knows what to do about it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from cloud.dashboard.words import money_words
from cloud.store.look import Look
from cloud.terminals.queries import terminal_name
from sync import catalogue
from sync.conflicts import Conflict, ConflictKind
from sync.journal import Record
from sync.names import Area, FactId
from sync.words import TicketStatus

FACTS_NAMED_MAX: Final = 4
_STATUS_WORDS: Final = {
    TicketStatus.UNPAID: ("unpaid", "non payé"),
    TicketStatus.BLOCKED: ("blocked", "bloqué"),
    TicketStatus.CANCELLED: ("cancelled", "annulé"),
    TicketStatus.REFUNDED: ("refunded", "remboursé"),
    TicketStatus.REPLACED: ("replaced", "remplacé"),
}

_RESOURCES: Final = {
    "zone": ("zone", "zone"),
    "ticket_type": ("ticket type", "type de billet"),
    "voucher": ("voucher", "bon"),
    "stock": ("product", "produit"),
    "wallet": ("wallet", "portefeuille"),
}


class Teller:
    """Puts conflicts into words with what is known of the festival: names, times, its currency."""

    def __init__(self, seen: Look, time_zone: ZoneInfo, currency: str) -> None:
        """Look up names and records in what was committed."""
        self._seen = seen
        self._time_zone = time_zone
        self._currency = currency

    def sentences(self, conflict: Conflict) -> tuple[str, str]:
        """Return what happened in one sentence each of English and French."""
        return _TELL[conflict.kind](self, conflict)

    def _places(self, conflict: Conflict) -> tuple[str, str]:
        """Return where and when the facts were made, such as `North 14:02, South 14:05`."""
        records = [self._seen.record(FactId(fact)) for fact in conflict.facts[:FACTS_NAMED_MAX]]
        known = sorted((r for r in records if r is not None), key=lambda r: (r.stamp, r.id))
        told = [f"{self._name(r.terminal)} {self._time(r)}" for r in known]
        more = len(conflict.facts) - FACTS_NAMED_MAX
        if more > 0:
            return ", ".join([*told, f"and {more} more"]), ", ".join([*told, f"et {more} autres"])
        return ", ".join(told) or "?", ", ".join(told) or "?"

    def _name(self, terminal: bytes) -> str:
        return terminal_name(self._seen.cells, terminal)

    def _time(self, record: Record) -> str:
        try:
            then = datetime.fromtimestamp(record.stamp.physical_ms // 1_000, UTC)
        except (OverflowError, ValueError, OSError):
            return "?"
        return then.astimezone(self._time_zone).strftime("%H:%M")

    def _named_in(self, subject: str) -> str:
        """Return the name of the terminal whose id in hex ends a subject."""
        try:
            return self._name(bytes.fromhex(subject.rsplit(" ", 1)[-1]))
        except ValueError:
            return subject

    def second_admission(self, conflict: Conflict) -> tuple[str, str]:
        """Two gates let one ticket in without knowing of each other."""
        en, fr = self._places(conflict)
        return (
            (
                f"Ticket {conflict.subject} was let in {len(conflict.facts)} times by gates that"
                f" did not know of each other: {en}. It may have been copied."
            ),
            (
                f"Le billet {conflict.subject} est entré {len(conflict.facts)} fois par des portes"
                f" qui ne le savaient pas l'une de l'autre : {fr}. Il a peut-être été copié."
            ),
        )

    def capacity_exceeded(self, conflict: Conflict) -> tuple[str, str]:
        """More guests are in a zone than it may hold."""
        zone = catalogue.zone(self._seen.cells, int(conflict.subject))
        name = conflict.subject if zone is None else zone.name
        inside, capacity = conflict.details
        return (
            f"{name} holds {inside} guests but only {capacity} are allowed. Stop admissions there.",
            f"{name} contient {inside} personnes pour {capacity} autorisées. Arrêtez les entrées.",
        )

    def admitted_though_withdrawn(self, conflict: Conflict) -> tuple[str, str]:
        """A gate that had not heard of it let a withdrawn ticket in."""
        en, fr = self._places(conflict)
        word = _STATUS_WORDS.get(TicketStatus(conflict.details[0]), ("withdrawn", "retiré"))
        return (
            (
                f"Ticket {conflict.subject} is {word[0]} but was let in: {en}. The gate may not"
                " have heard of it yet."
            ),
            (
                f"Le billet {conflict.subject} est {word[1]} mais est entré : {fr}. La porte ne le"
                " savait peut-être pas encore."
            ),
        )

    def overspent_wallet(self, conflict: Conflict) -> tuple[str, str]:
        """More was spent than a wallet held."""
        amount = conflict.details[0]
        return (
            (
                f"Wallet {conflict.subject} is overspent by"
                f" {money_words(amount, 'en', self._currency)}: tills that were cut off sold on it."
            ),
            (
                f"Le portefeuille {conflict.subject} est à découvert de"
                f" {money_words(amount, 'fr', self._currency)} : des caisses isolées ont encore"
                " vendu."
            ),
        )

    def sale_id_twice(self, conflict: Conflict) -> tuple[str, str]:
        """Two different baskets have one id."""
        return (
            (
                f"Two different sales have the number {conflict.subject[:8]}; both were booked. A"
                " till may have been copied or restored: look at both receipts."
            ),
            (
                f"Deux ventes différentes portent le numéro {conflict.subject[:8]} ; les deux sont"
                " comptées. Une caisse a peut-être été copiée ou restaurée : comparez les reçus."
            ),
        )

    def refunded_twice(self, conflict: Conflict) -> tuple[str, str]:
        """More of a line was paid back than was sold."""
        return (
            (
                f"More of sale {conflict.subject[:8]} was refunded than was sold. Only what was"
                " sold is counted; find out who got the rest."
            ),
            (
                f"On a remboursé plus que vendu dans la vente {conflict.subject[:8]}. Seul le vendu"
                " est compté ; cherchez qui a reçu le reste."
            ),
        )

    def allotment_spent_twice(self, conflict: Conflict) -> tuple[str, str]:
        """A terminal used more than it was lent."""
        name, amount = self._named_in(conflict.subject), conflict.details[0]
        word, _, number = conflict.subject.partition(" at ")[0].partition(" ")
        english, french = _RESOURCES.get(word, (word, word))
        return (
            (
                f"{name} used {amount} more of {english} {number} than it was lent. Was it"
                " restored, copied or written off?"
            ),
            (
                f"{name} a utilisé {amount} de plus que prêté ({french} {number}). A-t-elle été"
                " restaurée, copiée ou passée en perte ?"
            ),
        )

    def two_links(self, conflict: Conflict) -> tuple[str, str]:
        """One wristband was linked to two wallets, or at a gate given for two tickets."""
        if conflict.area is Area.ACCESS:
            return (
                f"One {conflict.subject} was given for two tickets; the first counts at the gates.",
                (
                    f"Le même bracelet ({conflict.subject}) a été donné pour deux billets ; aux"
                    " portes, le premier compte."
                ),
            )
        return (
            (
                f"Wristband {conflict.subject} was linked to two wallets; the first link counts."
                " Ask the guest and correct it."
            ),
            (
                f"Le bracelet {conflict.subject} a été lié à deux portefeuilles ; le premier"
                " compte. Demandez à la personne et corrigez."
            ),
        )

    def voucher_spent_twice(self, conflict: Conflict) -> tuple[str, str]:
        """One voucher paid more than once."""
        serial, uses = conflict.subject.removeprefix("voucher "), conflict.details[0]
        return (
            (
                f"Voucher {serial} paid {uses} times: tills that could not hear each other each"
                " took it. All of these sales stand."
            ),
            (
                f"Le bon {serial} a servi {uses} fois : des caisses isolées l'ont chacune accepté."
                " Toutes ces ventes restent comptées."
            ),
        )

    def cloned_wristband(self, conflict: Conflict) -> tuple[str, str]:
        """One wristband seems to be two."""
        serial = conflict.subject.removeprefix("wristband ")
        return (
            (
                f"Wristband {serial} paid at two places at once, or its chip counted backwards: it"
                " may have been copied. Look at its sales and block it if the guest agrees."
            ),
            (
                f"Le bracelet {serial} a payé à deux endroits à la fois, ou sa puce a compté à"
                " rebours : il a pu être copié. Regardez ses ventes et bloquez-le au besoin."
            ),
        )

    def forked_journal(self, conflict: Conflict) -> tuple[str, str]:
        """A box continued its journal twice."""
        name = self._named_in(conflict.subject)
        return (
            (
                f"{name} exists twice: its journal goes on in two ways, from a copied or restored"
                " card. Nothing it recorded is lost. Put one away and enrol the other again."
            ),
            (
                f"{name} existe en double : son journal continue de deux façons, à partir d'une"
                " carte copiée ou restaurée. Rien n'est perdu. Rangez-en une et enrôlez l'autre de"
                " nouveau."
            ),
        )

    def unauthorised_fact(self, conflict: Conflict) -> tuple[str, str]:
        """A terminal stated what is not its to state."""
        name = self._named_in(conflict.subject)
        return (
            f"{name} recorded something that is not its to say; it was kept but not counted.",
            f"{name} a enregistré ce qu'elle n'a pas le droit de dire ; gardé mais pas compté.",
        )

    def two_office_versions(self, conflict: Conflict) -> tuple[str, str]:
        """Two office processes stated the same thing differently."""
        return (
            (
                f"The office stated {conflict.subject} in two ways at once. State it again to"
                " settle it."
            ),
            (
                f"Le bureau a déclaré {conflict.subject} de deux façons à la fois. Déclarez-le à"
                " nouveau."
            ),
        )

    def two_authorities(self, conflict: Conflict) -> tuple[str, str]:
        """The authority for what is lent was given to two at once."""
        return (
            (
                f"The {conflict.subject} for wallets was given to two at once; one of them counts."
                " Revoke the hub that was copied, and see who is the authority now."
            ),
            (
                f"L'autorité sur les portefeuilles ({conflict.subject}) a été donnée à deux à la"
                " fois ; une seule compte. Révoquez le relais copié et vérifiez qui a l'autorité."
            ),
        )

    def lent_without_authority(self, conflict: Conflict) -> tuple[str, str]:
        """Somebody lent who was not the authority."""
        name, count = self._named_in(conflict.subject), conflict.details[0]
        return (
            (
                f"{name} lent {count} times although it was not the authority. What it lent counts"
                " as lent; wallets may be overspent by it."
            ),
            (
                f"{name} a prêté {count} fois sans avoir l'autorité. Ces prêts restent comptés ;"
                " des portefeuilles peuvent être à découvert."
            ),
        )


_TELL: Final[dict[ConflictKind, Callable[[Teller, Conflict], tuple[str, str]]]] = {
    ConflictKind.SECOND_ADMISSION: Teller.second_admission,
    ConflictKind.CAPACITY_EXCEEDED: Teller.capacity_exceeded,
    ConflictKind.ADMITTED_THOUGH_WITHDRAWN: Teller.admitted_though_withdrawn,
    ConflictKind.OVERSPENT_WALLET: Teller.overspent_wallet,
    ConflictKind.SALE_ID_TWICE: Teller.sale_id_twice,
    ConflictKind.REFUNDED_TWICE: Teller.refunded_twice,
    ConflictKind.ALLOTMENT_SPENT_TWICE: Teller.allotment_spent_twice,
    ConflictKind.TWO_LINKS: Teller.two_links,
    ConflictKind.VOUCHER_SPENT_TWICE: Teller.voucher_spent_twice,
    ConflictKind.CLONED_WRISTBAND: Teller.cloned_wristband,
    ConflictKind.FORKED_JOURNAL: Teller.forked_journal,
    ConflictKind.UNAUTHORISED_FACT: Teller.unauthorised_fact,
    ConflictKind.TWO_OFFICE_VERSIONS: Teller.two_office_versions,
    ConflictKind.TWO_AUTHORITIES: Teller.two_authorities,
    ConflictKind.LENT_WITHOUT_AUTHORITY: Teller.lent_without_authority,
}


def plain_details(value: Any) -> Any:
    """Return a conflict's details as JSON can hold them: bytes as hex."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple | list):
        return [plain_details(item) for item in value]
    return value
