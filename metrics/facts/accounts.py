"""What is known of the account behind a ticket: the helpdesk's own words and the table of accounts, joined."""

from __future__ import annotations

# One row for each ticket whose account is known for its value, tier, renewal or leaving. The table of accounts (source
# 'accounts') is asked first, column by column, then the helpdesk's own account. A row of the table belongs to the
# account by its id, else by its name, else by the domain of the customer's address; an id that does not say whose it is
# counts where the accounts of all tickets come from one system; a name or a domain that two rows have counts for neither.
TICKET_ACCOUNTS = """
CREATE OR REPLACE TABLE ticket_accounts AS
WITH listed AS (SELECT * FROM accounts WHERE source = 'accounts'),
systems AS (SELECT count(DISTINCT source) AS n FROM tickets_clean WHERE account_id IS NOT NULL),
by_name AS (
    SELECT lower(trim(name)) AS name, min(account_id) AS account_id FROM listed
    WHERE name IS NOT NULL GROUP BY ALL HAVING count(*) = 1),
by_domain AS (
    SELECT domain, min(account_id) AS account_id FROM (SELECT unnest(domains) AS domain, account_id FROM listed)
    GROUP BY ALL HAVING count(DISTINCT account_id) = 1),
asked AS (
    SELECT source, ticket_id, account_id, account, lower(split_part(customer_email, '@', 2)) AS domain
    FROM tickets_clean
    WHERE EXISTS (FROM accounts WHERE coalesce(value::VARCHAR, tier, renewal_at::VARCHAR, churned_at::VARCHAR) IS NOT NULL)),
found AS (
    SELECT asked.source, asked.ticket_id, asked.account_id, asked.account,
        coalesce(named.account_id, bare.account_id, by_name.account_id, by_domain.account_id) AS listed_id
    FROM asked
    LEFT JOIN listed named ON named.account_id = asked.source || ':' || asked.account_id
    LEFT JOIN listed bare ON bare.account_id = asked.account_id AND (SELECT n FROM systems) = 1
    LEFT JOIN by_name ON by_name.name = lower(trim(asked.account))
    LEFT JOIN by_domain ON by_domain.domain = asked.domain)
SELECT found.source, found.ticket_id, coalesce(found.account, listed.name, listed_id) AS account,
    coalesce(listed.value, own.value) AS account_value,
    CASE WHEN listed.value IS NOT NULL THEN listed.currency ELSE own.currency END AS account_currency,
    coalesce(listed.tier, own.tier) AS account_tier,
    coalesce(listed.renewal_at, own.renewal_at) AS account_renewal_at,
    coalesce(listed.churned_at, own.churned_at) AS account_churned_at
FROM found
LEFT JOIN listed ON listed.account_id = listed_id
LEFT JOIN accounts own ON own.source = found.source AND own.account_id = found.account_id
WHERE coalesce(listed.value::VARCHAR, own.value::VARCHAR, listed.tier, own.tier, listed.renewal_at::VARCHAR,
    own.renewal_at::VARCHAR, listed.churned_at::VARCHAR, own.churned_at::VARCHAR) IS NOT NULL
"""
