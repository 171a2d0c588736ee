"""What the ideas are about: the words that several customers use in ideas that nobody picked up."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from metrics.conversations import scope_sql
from metrics.reviews import standing
from metrics.totals import Scope
from warehouse.store import Version

# Words of asking, of politeness and of grammar: they say that something is wished for, not what.
_SAID_ANYWAY: Final = frozenset(
    """
    able about actually after again allow also always another anyone anything away back because been before being best
    better both bring bring called came cannot cant come comes could couldnt days didnt does doesnt doing done dont down
    each easier easy either else enough even ever every everyone everything feature find first from gets give given gives
    going gone good great handy hard have havent having hello help helpful here hers hope ideally idea ideas instead into
    isnt itself just keep kind know last least less let lets like little long longer look looks lots love made make makes
    many maybe mean might mine more most much must need needs never next nice nobody nothing only option other others
    ours over people perhaps please possible really right said same save saves saying says seems send sense shall should
    show simple since some somebody someone something sometimes somewhere soon sort still such suggest suggestion sure
    take takes tell than thank thanks that thats their them then there theres these they thing things think this those
    though time times together took tried under until upon used useful user using very want wants wasnt ways well were
    werent what whatever when where which while whole whom whose will wish with within without wont work works would
    wouldnt year years your yours yourself
    """.split()
)


def common_words(
    version: Version, scope: Scope, *, least_customers: int = 3, limit: int = 10
) -> pl.DataFrame:
    """The words in unheard ideas and ideas of survey comments, by how many customers used them.

    Columns: word (singular form where a plural is a mere s), count_customers, count_ideas. A word of fewer than
    `least_customers` customers, of fewer than four letters, or that says only that something is wished, is left out.
    """
    where, params = scope_sql(scope, "s.ended_on", "s")
    stands, gone = standing(version)
    return version.query(
        f"""
        WITH {stands}, said AS (
            SELECT s.suggestion_id, coalesce(s.customer_id, s.suggestion_id) AS customer,
                lower(substring(t.text, e."start" + 1, e."end" - e."start")) AS words
            FROM suggestion_facts s
            JOIN standing e ON e.source = s.source AND e.ticket_id = s.ticket_id AND e.measure = 'unheard_suggestion'
                AND e.kind IN ('found', 'found_in_survey')
                AND e.ticket_id || '/' || e.message_id || ':' || e."start" = s.suggestion_id
            JOIN turns t ON t.source = e.source AND t.ticket_id = e.ticket_id AND t.message_id = e.message_id
            WHERE s.is_unheard IS DISTINCT FROM false AND {where}
        ), used AS (
            SELECT DISTINCT suggestion_id, customer,
                regexp_replace(unnest(regexp_extract_all(replace(words, '’', ''''), '[a-z]{{4,}}')), '([^s])s$', '\\1') AS word
            FROM said
        )
        SELECT word, count(DISTINCT customer) AS count_customers, count(*) AS count_ideas
        FROM used WHERE NOT list_contains(?::VARCHAR[], word)
        GROUP BY word HAVING count_customers >= ?
        ORDER BY count_customers DESC, count_ideas DESC, word LIMIT ?
        """,
        [*gone, *params, _stop_words(), least_customers, limit],
    )


def _stop_words() -> list[Any]:
    """The words said anyway, also as they stand once their plural s is gone."""
    return sorted(_SAID_ANYWAY | {word[:-1] for word in _SAID_ANYWAY if word.endswith("s")})
