-- How often the denial of a drug is overturned, by its ingredients.
--
-- generic_name: the ingredients; brands of the same ingredients are one drug. NULL: drugs without one (compounded creams).
-- brands: the brand names that the requests used.
-- decisions: decisions with an outcome. overturned: those that overturn the denial.
-- rate: overturned / decisions, with its 95 % Wilson score interval from lower to upper.
WITH brands AS (
    SELECT generic_name, string_agg(brand_name, ', ' ORDER BY brand_name) AS brands
    FROM (SELECT DISTINCT generic_name, brand_name FROM decisions WHERE brand_name IS NOT NULL) AS named
    GROUP BY generic_name
),
counts AS (
    SELECT
        generic_name,
        count(outcome) AS decisions,
        count(*) FILTER (WHERE outcome = 'overturned') AS overturned
    FROM decisions
    WHERE request_category = 'pharmaceutical'
    GROUP BY generic_name
)
SELECT
    counts.generic_name,
    brands.brands,
    counts.decisions,
    counts.overturned,
    round(1.0 * overturned / nullif(decisions, 0), 4) AS rate,
    round(wilson_lower(overturned, decisions), 4) AS lower,
    round(wilson_upper(overturned, decisions), 4) AS upper
FROM counts
LEFT JOIN brands ON brands.generic_name = counts.generic_name
ORDER BY decisions DESC, counts.generic_name NULLS LAST;
