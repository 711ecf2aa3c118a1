-- How often a denial is overturned, by year.
--
-- year: of the decision; where the letter has no decision date, the year in the case number (CM15-… → 2015), in which
--   the review was asked for. NULL: the letter has neither.
-- decisions: decisions with an outcome. overturned: those that overturn the denial.
-- rate: overturned / decisions, with its 95 % Wilson score interval from lower to upper.
WITH dated AS (
    SELECT
        CAST(
            coalesce(
                extract(YEAR FROM cases.decision_date),
                CASE WHEN cases.case_number LIKE 'CM__-%' THEN 2000 + TRY_CAST(substr(cases.case_number, 3, 2) AS INTEGER) END
            ) AS INTEGER
        ) AS year,
        decisions.outcome
    FROM decisions
    JOIN cases ON cases.case_id = decisions.case_id
),
counts AS (
    SELECT
        year,
        count(outcome) AS decisions,
        count(*) FILTER (WHERE outcome = 'overturned') AS overturned
    FROM dated
    GROUP BY year
)
SELECT
    year,
    decisions,
    overturned,
    round(1.0 * overturned / nullif(decisions, 0), 4) AS rate,
    round(wilson_lower(overturned, decisions), 4) AS lower,
    round(wilson_upper(overturned, decisions), 4) AS upper
FROM counts
ORDER BY year NULLS LAST;
