"""Facts and feelings: was it solved, and did they leave better?"""

from __future__ import annotations

from metrics.measure import Better, Capability, Column, Derived

_CELLS: tuple[tuple[str, str, Better, str], ...] = (
    ("is_solved_and_better", "Solved and better", "higher", "Solved in the customer's words, and they left better."),
    ("is_solved_not_better", "Solved, not better", "neither", "Solved in the customer's words, but they did not leave better."),
    ("is_better_not_solved", "Better, not solved", "neither", "They left better although nothing says that it is solved."),
    ("is_neither_solved_nor_better", "Neither", "lower", "Nothing says that it is solved, and they did not leave better."),
)  # fmt: skip

solved_and_better = Derived(
    name="solved_and_better",
    title="Solved, and better",
    question="Where did we solve the problem without restoring the feeling, or the other way round?",
    rule=(
        "Conversations by two questions: did the customer confirm that it is solved, and did they leave better than they came?"
        " Both are read from what the customer wrote after our answer; the four cells add up to all of these conversations."
    ),
    leaves_out="Conversations that can not be read, or in which the customer wrote nothing after our answer.",
    columns=tuple(
        Column(
            name=name, title=title, unit="share", total="share", better=better, about=about, sql_type="BOOLEAN",
        )
        for name, title, better, about in _CELLS
    ),
    grain="ticket",
    dated_by="ended_at",
    facts="""
        SELECT source, ticket_id,
            is_solved AND left_better AS is_solved_and_better,
            is_solved AND NOT left_better AS is_solved_not_better,
            NOT is_solved AND left_better AS is_better_not_solved,
            NOT is_solved AND NOT left_better AS is_neither_solved_nor_better
        FROM (SELECT *, coalesce(is_ended_confirmed, false) AS is_solved FROM ticket_facts)
        WHERE left_better IS NOT NULL
    """,
    needs=frozenset({Capability.TICKETS, Capability.MESSAGES}),
    unlock="Export the tickets with their comments.",
    uses=frozenset({"is_ended_confirmed", "left_better"}),
    goal="trust",
    wing="function",
)  # fmt: skip
