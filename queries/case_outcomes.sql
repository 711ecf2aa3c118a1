-- How cases end: all denials upheld, all overturned, or some of each.
--
-- case_outcome: NULL where no decision of the case has an outcome; every outcome is listed.
-- cases: cases that end so. share: of all cases.
-- decisions, overturned: requests decided in these cases, and those of them that were overturned.
-- decisions_per_case: requests in one case, on average.
WITH outcomes (position, case_outcome) AS (
    VALUES
        (1, 'upheld'),
        (2, 'partially_overturned'),
        (3, 'overturned'),
        (4, NULL)
),
counts AS (
    SELECT
        case_outcome,
        count(*) AS cases,
        sum(decision_count) AS decisions,
        sum(overturned_count) AS overturned
    FROM cases
    GROUP BY case_outcome
),
listed AS (
    SELECT
        outcomes.position,
        outcomes.case_outcome,
        coalesce(counts.cases, 0) AS cases,
        coalesce(counts.decisions, 0) AS decisions,
        coalesce(counts.overturned, 0) AS overturned
    FROM outcomes
    LEFT JOIN counts
        ON counts.case_outcome IS NOT DISTINCT FROM outcomes.case_outcome
)
SELECT
    case_outcome,
    cases,
    round(1.0 * cases / nullif((SELECT count(*) FROM cases), 0), 4) AS share,
    decisions,
    overturned,
    round(1.0 * decisions / nullif(cases, 0), 2) AS decisions_per_case
FROM listed
ORDER BY position;
