"""Reading the morning draws: what was committed to, who stands where, and whether it comes out the same again."""

from datetime import date

from linggong.core.asking import Question
from linggong.matching import turns
from linggong.matching.models import Draw, Ticket
from linggong.venues.models import Venue


def of_day(venue: Venue, day: date) -> Draw | None:
    """The draw of a morning, held or not."""
    return Draw.objects.filter(venue=venue, day=day).first()


def lately(venue: Venue, day: date, limit: int = 8) -> list[Draw]:
    """The draws up to `day`, the latest first."""
    return list(Draw.objects.filter(venue=venue, day__lte=day).order_by("-day")[:limit])


def never_held(day: date) -> list[Draw]:
    """Draws of days before `day` whose seed nobody opened."""
    return list(Draw.objects.filter(day__lt=day, drawn_at=None).order_by("day", "pk"))


def tickets(draw: Draw) -> list[Ticket]:
    """Who took which number, for the people behind the window."""
    return list(Ticket.objects.filter(draw=draw).select_related("worker__user").order_by("number"))


def places(venue: Venue, day: date) -> Question[dict[int, int]]:
    """The place of each worker in the draw of a day; empty until it was held."""
    held = Ticket.objects.filter(draw__venue=venue, draw__day=day, draw__drawn_at__isnull=False)

    def answer(tickets: list[tuple[int, int]], draws: list[Draw]) -> dict[int, int]:
        place = {number: n for draw in draws for n, number in enumerate(draw.order, start=1)}
        return {worker: place[number] for worker, number in tickets}

    return Question(
        [held.values_list("worker", "number"), Draw.objects.filter(venue=venue, day=day, drawn_at__isnull=False)],
        answer,
    )


def differences(draw: Draw) -> list[str]:
    """What does not come out again from what is public; empty: the same."""
    if draw.drawn_at is None:
        return ["the draw was not held yet"]
    found = []
    if turns.commitment_of(draw.seed) != draw.commitment:
        found.append("the seed is not the one that was committed to")
    if turns.drawn(draw.seed, range(1, draw.tickets + 1)) != draw.order:
        found.append("the order is another one")
    return found
