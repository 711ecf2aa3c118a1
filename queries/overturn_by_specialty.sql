-- How often a denial is overturned, by the specialty of the reviewer.
--
-- specialty: a certification, specialty or subspecialty of the reviewer. A reviewer with several counts under
--   each of them, so the counts add up to more than the decisions. NULL: no specialty is stated.
-- reviewers: distinct sets of credentials with this specialty (not persons: reviewers are anonymous).
-- decisions: decisions with an outcome. overturned: those that overturn the denial.
-- rate: overturned / decisions, with its 95 % Wilson score interval from lower to upper.
WITH profiles AS (
    SELECT
        cases.reviewer_id,
        count(decisions.outcome) AS decisions,
        count(*) FILTER (WHERE decisions.outcome = 'overturned') AS overturned
    FROM decisions
    JOIN cases ON cases.case_id = decisions.case_id
    GROUP BY cases.reviewer_id
),
credentials AS (
    SELECT reviewer_id, unnest(specialties) AS specialty
    FROM reviewers
),
counts AS (
    SELECT
        credentials.specialty,
        count(profiles.reviewer_id) AS reviewers,
        sum(profiles.decisions) AS decisions,
        sum(profiles.overturned) AS overturned
    FROM profiles
    LEFT JOIN credentials ON credentials.reviewer_id = profiles.reviewer_id
    GROUP BY credentials.specialty
)
SELECT
    specialty,
    reviewers,
    decisions,
    overturned,
    round(1.0 * overturned / nullif(decisions, 0), 4) AS rate,
    round(wilson_lower(overturned, decisions), 4) AS lower,
    round(wilson_upper(overturned, decisions), 4) AS upper
FROM counts
ORDER BY decisions DESC, specialty NULLS LAST;
