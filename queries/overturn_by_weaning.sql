-- How often a denial is overturned, by what the letter says of weaning.
--
-- weaning_context: of the decision; every context is listed, strongest first.
-- decisions: decisions with an outcome. overturned: those that overturn the denial.
-- rate: overturned / decisions, with its 95 % Wilson score interval from lower to upper.
WITH contexts (position, weaning_context) AS (
    VALUES
        (1, 'request_is_for_weaning'),
        (2, 'weaning_recommended'),
        (3, 'patient_weaning'),
        (4, 'weaning_not_shown'),
        (5, 'withdrawal_caution'),
        (6, 'guideline_mention'),
        (7, 'none')
),
counts AS (
    SELECT
        weaning_context,
        count(outcome) AS decisions,
        count(*) FILTER (WHERE outcome = 'overturned') AS overturned
    FROM decisions
    GROUP BY weaning_context
),
listed AS (
    SELECT
        contexts.position,
        contexts.weaning_context,
        coalesce(counts.decisions, 0) AS decisions,
        coalesce(counts.overturned, 0) AS overturned
    FROM contexts
    LEFT JOIN counts ON counts.weaning_context = contexts.weaning_context
)
SELECT
    weaning_context,
    decisions,
    overturned,
    round(1.0 * overturned / nullif(decisions, 0), 4) AS rate,
    round(wilson_lower(overturned, decisions), 4) AS lower,
    round(wilson_upper(overturned, decisions), 4) AS upper
FROM listed
ORDER BY position;
