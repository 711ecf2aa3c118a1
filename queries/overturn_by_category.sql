-- How often a denial is overturned, by kind of treatment.
--
-- request_category, request_subcategory: what was requested.
-- decisions: decisions with an outcome. overturned: those that overturn the denial.
-- rate: overturned / decisions, with its 95 % Wilson score interval from lower to upper.
WITH counts AS (
    SELECT
        request_category,
        request_subcategory,
        count(outcome) AS decisions,
        count(*) FILTER (WHERE outcome = 'overturned') AS overturned
    FROM decisions
    GROUP BY request_category, request_subcategory
)
SELECT
    request_category,
    request_subcategory,
    decisions,
    overturned,
    round(1.0 * overturned / nullif(decisions, 0), 4) AS rate,
    round(wilson_lower(overturned, decisions), 4) AS lower,
    round(wilson_upper(overturned, decisions), 4) AS upper
FROM counts
ORDER BY decisions DESC, request_category, request_subcategory;
