-- The guidelines cited most, by whom, and the overturn rate where they were cited.
--
-- guideline_source, title, pages: as cited; pages is '78' or '78-80', NULL where none are given.
-- by_reviewer, by_claims_administrator: decisions in which each of the two cited it.
-- decisions: decisions with an outcome in which it was cited at all. overturned: those that overturn the denial.
-- rate: overturned / decisions. The fifty cited in most decisions are listed.
WITH cited AS (
    SELECT
        citations.decision_id,
        guideline_source,
        title,
        page_start,
        page_end,
        max(CASE WHEN cited_by = 'reviewer' THEN 1 ELSE 0 END) AS by_reviewer,
        max(CASE WHEN cited_by = 'claims_administrator' THEN 1 ELSE 0 END) AS by_claims_administrator
    FROM citations
    GROUP BY citations.decision_id, guideline_source, title, page_start, page_end
),
counts AS (
    SELECT
        guideline_source,
        title,
        page_start,
        page_end,
        count(*) AS cited_in,
        sum(by_reviewer) AS by_reviewer,
        sum(by_claims_administrator) AS by_claims_administrator,
        count(outcome) AS decisions,
        count(*) FILTER (WHERE outcome = 'overturned') AS overturned
    FROM cited
    JOIN decisions ON decisions.decision_id = cited.decision_id
    GROUP BY guideline_source, title, page_start, page_end
)
SELECT
    guideline_source,
    title,
    CASE
        WHEN page_start = page_end THEN CAST(page_start AS VARCHAR)
        ELSE CAST(page_start AS VARCHAR) || '-' || CAST(page_end AS VARCHAR)
    END AS pages,
    by_reviewer,
    by_claims_administrator,
    decisions,
    overturned,
    round(1.0 * overturned / nullif(decisions, 0), 4) AS rate
FROM counts
ORDER BY cited_in DESC, guideline_source, title NULLS LAST, page_start NULLS LAST, page_end
LIMIT 50;
