"""Scripted replies: near copies of what other customers were written, or little but formulas."""

from __future__ import annotations

from typing import Final

from metrics.measure import Across, Column, Kind
from metrics.text.lexicons import changes_of, cues_in_force
from warehouse.settings import Settings
from warehouse.store import Connection

NAME: Final = "scripted"
VERSION: Final = 3
LEXICON: Final = "scripted"  # formulas of desks everywhere, known without a count

# A reply is a near copy where the same lines, or all but one of many, were written to so many other customers.
OTHER_CUSTOMERS: Final = 3
SHORTEST_LINE: Final = 20  # shorter ones are greetings and names
LINES_WITH_ONE_OWN: Final = 4  # a reply of so many lines may have one of its own and still is a copy
FEWEST_FORMULAS: Final = 2
FORMULA_SHARE: Final = 0.25  # of a reply's lines

_OWN_WORDS: Final = "turns.role = 'agent' AND turns.turn IS NOT NULL"
_REPLY: Final = "hash(turns.source, turns.ticket_id, turns.message_id)"
# A sentence also ends behind a smiley or a picture, as in metrics/text/sentences.py: evidence is within one.
_CUT: Final = r"""unnest(string_split(regexp_replace(
    replace(replace(replace(text, '. ', '.' || chr(10)), '! ', '!' || chr(10)), '? ', '?' || chr(10)),
    '([\p{So}\p{Sk}\x{FE0F}]|[:;]-?\)) +', '\1' || chr(10), 'g'), chr(10)))"""
# Everything that a template fills in becomes one mark: what holds a digit, an @ or a slash, and capitalised words
# inside the line.
_NORMAL: Final = r"""hash(lower(regexp_replace(
    regexp_replace(line, ' [^ ]*[@0-9/][^ ]*', ' _', 'g'), ' \p{Lu}[^ ]*', ' _', 'g')))"""
_IS_FORMULA: Final = "regexp_matches(lower(replace(line, '\u2019', '''')), $formulas)"

# Each line of each reply by its hash, so that millions of replies take little room.
_LINES: Final = f"""
CREATE OR REPLACE TEMP TABLE scripted_lines AS
SELECT reply, customer, {_NORMAL} AS line, {_IS_FORMULA} AS is_formula
FROM (
    SELECT {_REPLY} AS reply, hash(turns.source, coalesce(customer_id, turns.ticket_id)) AS customer, {_CUT} AS line
    FROM turns LEFT JOIN tickets_clean USING (source, ticket_id) WHERE {_OWN_WORDS})
WHERE length(line) >= {SHORTEST_LINE}
"""
# The lines of a reply together, whatever their order: the exclusive or of their hashes, and that without each in turn.
_REPLIES: Final = f"""
CREATE OR REPLACE TEMP TABLE scripted_replies AS
WITH replies AS (
    SELECT reply, any_value(customer) AS customer, bit_xor(line) AS lines, count(*) AS count_lines,
        count(DISTINCT line) FILTER (is_formula) AS count_formulas
    FROM scripted_lines GROUP BY reply),
together AS (
    SELECT reply, customer, lines, count_lines FROM replies
    UNION ALL
    SELECT reply, replies.customer, xor(lines, line), count_lines - 1
    FROM replies JOIN scripted_lines USING (reply) WHERE count_lines >= {LINES_WITH_ONE_OWN}),
often AS (
    SELECT lines, count_lines FROM together GROUP BY lines, count_lines HAVING count(*) > {OTHER_CUSTOMERS}),
copied AS (
    SELECT lines, count_lines, count(DISTINCT customer) - 1 AS count_others
    FROM together SEMI JOIN often USING (lines, count_lines)
    GROUP BY lines, count_lines HAVING count_others >= {OTHER_CUSTOMERS}),
copies AS (
    SELECT reply, max(count_others) AS count_others FROM together JOIN copied USING (lines, count_lines) GROUP BY reply)
SELECT reply, count_others, count_others IS NOT NULL AS is_copied,
    count_formulas >= count_lines
        OR count_formulas >= {FEWEST_FORMULAS} AND count_formulas >= count_lines * {FORMULA_SHARE} AS is_formal
FROM replies LEFT JOIN copies USING (reply)
"""
# The longest line that says so, where it stands in the reply: of a copy one that copies share.
_EVIDENCE: Final = f"""
INSERT INTO evidence BY NAME
WITH found AS (
    SELECT turns.source, turns.ticket_id, turns.message_id, turns.text AS whole, count_others, is_copied, {_CUT} AS line
    FROM turns JOIN scripted_replies reply ON reply.reply = {_REPLY} AND (is_copied OR is_formal)
    WHERE {_OWN_WORDS}),
shared AS (
    SELECT line FROM scripted_lines SEMI JOIN (FROM scripted_replies WHERE is_copied) USING (reply)
    GROUP BY line HAVING count(*) > {OTHER_CUSTOMERS}),
telling AS (
    SELECT source, ticket_id, message_id, any_value(whole) AS whole, any_value(count_others) AS count_others,
        any_value(is_copied) AS is_copied, arg_max(trim(line, ' ' || chr(9) || chr(13)), length(line)) AS line
    FROM found
    WHERE length(line) >= {SHORTEST_LINE} AND CASE WHEN is_copied THEN {_NORMAL} IN (FROM shared) ELSE {_IS_FORMULA} END
    GROUP BY source, ticket_id, message_id)
SELECT source, ticket_id, message_id, instr(whole, line) - 1 AS "start", instr(whole, line) - 1 + length(line) AS "end",
    '{NAME}' AS measure, CASE WHEN is_copied THEN 'copied' ELSE 'formulas' END AS kind,
    count_others::DOUBLE AS value, {VERSION} AS version
FROM telling
"""

FACTS: Final = f"""
SELECT turns.source, turns.ticket_id, avg((is_copied OR is_formal)::INT) AS scripted_share_of_replies,
       bool_or(is_copied OR is_formal) AS has_scripted_reply
FROM turn_index AS turns JOIN scripted_replies AS reply ON reply.reply = {_REPLY}
WHERE {_OWN_WORDS}
GROUP BY ALL
"""


def prepare(connection: Connection, settings: Settings) -> None:
    """Write evidence copied and formulas, one line a reply, and scripted_replies: whether each reply is stock.

    Two passes over the replies' texts and counts of hashes, in temporary tables; `value` is how many other customers
    were written the same.
    """
    cues = cues_in_force((LEXICON,), changes_of(settings))
    formulas = {"formulas": "|".join(f"(?:{cue.pattern})" for cue in cues)}
    connection.execute(_LINES, formulas)
    connection.execute(_REPLIES)
    connection.execute("DELETE FROM evidence WHERE measure = ?", [NAME])
    connection.execute(_EVIDENCE, formulas)
    connection.execute("DROP TABLE scripted_lines")


scripted = Across(
    name=NAME,
    title="Scripted replies",
    question="How many of our replies were not written for the customer who got them?",
    rule=(
        f"A reply is scripted where the same lines were written to at least {OTHER_CUSTOMERS} other customers, names, numbers, links and"
        f" addresses aside; of {LINES_WITH_ONE_OWN} lines or more one may be its own. It is also scripted where at least"
        f" {FEWEST_FORMULAS} of its lines, and one in four, or all that it has, are formulas of desks everywhere: thanks for contacting us,"
        " any inconvenience, in due course."
    ),
    leaves_out=(
        f"Conversations in which no agent wrote a line of {SHORTEST_LINE} letters or more; greetings, names and shorter lines; messages"
        " of bots; and merged, deleted, spam and test tickets."
    ),
    columns=(
        Column(
            name="scripted_share_of_replies",
            evidence=("copied", "formulas"),
            title="Scripted replies",
            unit="share",
            total="mean",
            better="lower",
            about="Of the agents' replies in a conversation those that are scripted, averaged over conversations.",
        ),
        Column(
            name="has_scripted_reply",
            evidence=("copied", "formulas"),
            title="Got a scripted reply",
            unit="share",
            total="share",
            better="lower",
            about="Share of answered conversations with at least one scripted reply.",
            sql_type="BOOLEAN",
        ),
    ),
    facts=FACTS,
    prepare=prepare,
    version=VERSION,
    goal="heard",
    is_about_agents=True,
    kinds=(
        Kind("copied", "the same words to others"),
        Kind("formulas", "formulas", is_quiet=True),
    ),
    opportunity="Each conversation in which an agent wrote, in any language.",
    nearest=("support_tickets", "scripted"),
    validity_note=(
        "Labelled by language models on a file in which hardly two replies are alike, so that nearly only the formulas could be found."
        " What is found is seldom wrong; set pieces in words of a trade or a house are missed until the same lines went to others."
    ),
)
